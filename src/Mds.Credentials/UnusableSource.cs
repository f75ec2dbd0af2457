namespace Mds.Credentials;

/// <summary>
/// Stands where a credential should be that could not be loaded, and answers every call with the reason, so that the
/// server can start without it.
/// </summary>
public sealed class UnusableSource : ITokenSource
{
    private readonly TokenSourceDescription _description;
    private readonly TokenSourceException _reason;

    /// <summary>Creates the source.</summary>
    /// <param name="description">What is known of the credential.</param>
    /// <param name="reason">Why it could not be loaded.</param>
    public UnusableSource(TokenSourceDescription description, TokenSourceException reason)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(reason);
        _description = description;
        _reason = reason;
    }

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => _description;

    /// <inheritdoc/>
    public Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        Task.FromException<AccessToken>(Copy());

    /// <inheritdoc/>
    public Task<IdentityToken> GetIdentityTokenAsync(
        IdentityTokenRequest request, CancellationToken cancellationToken) =>
        Task.FromException<IdentityToken>(Copy());

    private TokenSourceException Copy() => new(_reason.Fault, _reason.Message, _reason.InnerException);
}
