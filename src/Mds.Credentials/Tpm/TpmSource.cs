using System.Security.Cryptography;
using Mds.Tpm;

namespace Mds.Credentials;

/// <summary>
/// Tokens of a service account whose key is in a TPM: signed here, or exchanged at Google for an assertion that is. What
/// goes wrong with the TPM is said in the TPM's words.
/// </summary>
public sealed class TpmSource : ITokenSource
{
    private readonly TpmKey _key;
    private readonly ServiceAccountKeySource _source;
    private readonly string _email;

    /// <summary>Creates the source; nobody is asked yet.</summary>
    /// <param name="key">The key, which stays the caller's to dispose of.</param>
    /// <param name="email">The service account whose key it is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="useOauthToken">Whether access tokens are asked of Google, rather than signed here.</param>
    /// <param name="endpoints">Where Google's services are.</param>
    /// <param name="keyId">The id that Google gave the key's public half; <see langword="null"/> to let Google find out which key it is.</param>
    public TpmSource(
        TpmKey key, string email, TimeProvider time, bool useOauthToken, GoogleEndpoints endpoints, string? keyId = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(endpoints);
        _key = key;
        _email = email;
        _source = new ServiceAccountKeySource(
            new ServiceAccountKey(
                email,
                (hash, cancellationToken) => key.SignHashAsync(hash, HashAlgorithmName.SHA256, cancellationToken),
                endpoints.Token(null))
            {
                UniverseDomain = endpoints.Universe,
                PrivateKeyId = keyId,
            },
            time,
            useOauthToken,
            endpoints);
    }

    /// <inheritdoc/>
    public TimeSpan LongestCall => _key.LongestWait + IssuerConnections.CallTimeout;

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => new("tpm", _email);

    /// <inheritdoc/>
    public Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        ExplainedAsync(_source.GetAccessTokenAsync, scopes, cancellationToken);

    /// <inheritdoc/>
    public Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken) =>
        ExplainedAsync(_source.GetIdentityTokenAsync, request, cancellationToken);

    /// <summary>A TPM's trouble as that of a token source.</summary>
    /// <param name="trouble">The TPM's trouble.</param>
    public static TokenSourceException Explain(TpmException trouble)
    {
        ArgumentNullException.ThrowIfNull(trouble);
        return new(
            trouble.Fault switch
            {
                TpmFault.Unreachable or TpmFault.Silent or TpmFault.Busy => TokenSourceFault.Unavailable,
                // These are looked at again now and then: a PCR may be reset, an answer come through unchanged.
                TpmFault.PolicyRefused or TpmFault.Untrusted => TokenSourceFault.Rejected,
                _ => TokenSourceFault.Unusable,
            },
            trouble.Message,
            trouble);
    }

    private async Task<TToken> ExplainedAsync<TWanted, TToken>(
        Func<TWanted, CancellationToken, Task<TToken>> ask, TWanted wanted, CancellationToken cancellationToken)
    {
        if (_key.Refusal is { } refusal)
        {
            throw Explain(refusal);
        }

        try
        {
            return await ask(wanted, cancellationToken);
        }
        catch (TpmException e)
        {
            throw Explain(e);
        }
        catch (ObjectDisposedException)
        {
            throw new TokenSourceException(TokenSourceFault.Unavailable, "The settings of the TPM key have just changed; ask again.");
        }
    }
}
