namespace Mds.Credentials;

/// <summary>
/// Something that can speak for one Google principal: a key file, a local issuer, fixed tokens. A source holds no
/// tokens; the token cache is its only caller and keeps them.
/// </summary>
public interface ITokenSource
{
    /// <summary>
    /// How long one call may rightly take, where that is longer than the cache waits by itself
    /// (<see cref="TokenCacheOptions.CallTimeout"/>).
    /// </summary>
    TimeSpan LongestCall => TimeSpan.Zero;

    /// <summary>Obtains a new access token from the issuer.</summary>
    /// <param name="scopes">The OAuth scopes asked for, sorted and without duplicates; empty means the source's own default.</param>
    /// <param name="cancellationToken">Cancels the call to the issuer.</param>
    /// <returns>The token with the moment it expires.</returns>
    /// <exception cref="TokenSourceException">The issuer refused or could not be reached.</exception>
    Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken);

    /// <summary>Obtains a new OpenID Connect identity token (a compact JWT) from the issuer.</summary>
    /// <param name="request">The audience and the form asked for.</param>
    /// <param name="cancellationToken">Cancels the call to the issuer.</param>
    /// <returns>The token with the moment it expires.</returns>
    /// <exception cref="TokenSourceException">The issuer refused or could not be reached.</exception>
    Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken);

    /// <summary>Says whom this source speaks for, without calling anybody.</summary>
    TokenSourceDescription Describe();
}
