using Mds.Credentials;

namespace Mds.Server.Reload;

/// <summary>A token source whose own default is what the claims say: a real server's token has all scopes of its account.</summary>
/// <param name="source">The source that is asked.</param>
/// <param name="scopes">What is asked for when a caller names no scope.</param>
internal sealed class DefaultScopes(ITokenSource source, IReadOnlyList<string> scopes) : ITokenSource
{
    /// <inheritdoc/>
    public TimeSpan LongestCall => source.LongestCall;

    /// <inheritdoc/>
    public Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> requested, CancellationToken cancellationToken) =>
        source.GetAccessTokenAsync(requested.Count == 0 ? scopes : requested, cancellationToken);

    /// <inheritdoc/>
    public Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken) =>
        source.GetIdentityTokenAsync(request, cancellationToken);

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => source.Describe();
}
