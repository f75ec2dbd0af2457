namespace Mds.Credentials;

/// <summary>
/// Tokens that somebody put there (<c>GOOGLE_ACCESS_TOKEN</c>, <c>GOOGLE_ID_TOKEN</c>, settings): answered as they are,
/// to whatever scopes and audience.
/// </summary>
/// <remarks>
/// How long a fixed access token lives cannot be seen from it, so each answer says one hour, what Google's own say.
/// Less would set clients asking again on every use (those that refresh at 300 s), and none or never is not
/// understood by all of them (google-cloud-go refuses <c>expires_in</c> 0, google-auth-library-java beyond 32 bits).
/// An identity token says itself when it expires, and is handed out even after that: its owner chose it.
/// </remarks>
public sealed class StaticSource : ITokenSource
{
    private static readonly TimeSpan AssumedLife = TimeSpan.FromHours(1);

    private readonly string? _accessToken;
    private readonly string? _identityToken;
    private readonly string? _principal;
    private readonly TimeProvider _time;

    /// <summary>Creates the source.</summary>
    /// <param name="accessToken">The access token; without it, asking for one fails.</param>
    /// <param name="identityToken">The identity token; without it, asking for one fails.</param>
    /// <param name="principal">The e-mail address that the tokens stand for, if known.</param>
    /// <param name="time">The clock.</param>
    public StaticSource(string? accessToken, string? identityToken, string? principal, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _accessToken = accessToken;
        _identityToken = identityToken;
        _principal = principal;
        _time = time;
    }

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => new("static", _principal);

    /// <inheritdoc/>
    public Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        string.IsNullOrEmpty(_accessToken)
            ? Task.FromException<AccessToken>(Missing("access", "GOOGLE_ACCESS_TOKEN", "accessToken"))
            : Task.FromResult(new AccessToken(_accessToken, _time.GetUtcNow() + AssumedLife));

    /// <inheritdoc/>
    public Task<IdentityToken> GetIdentityTokenAsync(
        IdentityTokenRequest request, CancellationToken cancellationToken) =>
        string.IsNullOrEmpty(_identityToken)
            ? Task.FromException<IdentityToken>(Missing("identity", "GOOGLE_ID_TOKEN", "identityToken"))
            : Task.FromResult(new IdentityToken(
                _identityToken, Jwt.ExpiresAt(_identityToken) ?? _time.GetUtcNow() + AssumedLife));

    private static TokenSourceException Missing(string kind, string variable, string setting) => new(
        TokenSourceFault.NotOffered,
        $"No static {kind} token is set; set {variable}, or static.{setting} of the credential in the settings.");
}
