using System.Text.Json.Nodes;
using Google.Apis.Auth.OAuth2.Requests;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Util;

namespace Mds.Credentials;

/// <summary>
/// Tokens of a service account from its key: an assertion signed with the key is exchanged at the key file's
/// <c>token_uri</c> (docs: identity/protocols/oauth2/service-account) by Google's own code. The assertion is made here, because
/// Google's code holds up a thread for as long as a key in hardware takes. Nothing is cached and nothing retried here; the
/// token cache does both.
/// </summary>
/// <remarks>
/// The assertion's <c>aud</c> is always <c>https://oauth2.googleapis.com/token</c>, whatever <c>token_uri</c> says:
/// Google.Apis.Auth and google-auth-library-python write it so, because a <c>token_uri</c> of one's own is a private
/// way to Google (Private Service Connect), which knows itself by that name only.
/// </remarks>
public sealed class ServiceAccountKeySource : ITokenSource
{
    // The longest that Google takes (docs: identity/protocols/oauth2/service-account).
    private static readonly TimeSpan SignedLife = TimeSpan.FromHours(1);

    // Google refuses what comes from the future, and takes what was signed a while ago. So what is signed here is dated
    // back, and let go of before its end, by as much as this machine's clock may well be wrong.
    private static readonly TimeSpan ClockError = TimeSpan.FromMinutes(10);

    private const string GoogleTokenUri = "https://oauth2.googleapis.com/token";

    private readonly ServiceAccountKey _key;
    private readonly TimeProvider _time;
    private readonly Uri _tokenUri;
    private readonly bool _selfSigned;
    private readonly ImpersonationSource? _identityTokens;

    /// <summary>Creates the source; nobody is called yet.</summary>
    /// <param name="key">The key.</param>
    /// <param name="time">The clock that dates assertions and tokens.</param>
    /// <param name="useOauthToken">
    /// Whether access tokens are asked of Google. Otherwise each is a JWT signed here, which Google's APIs take as they
    /// take a token of Google's (AIP-4111), so that nobody has to be asked; so it is too where the key is of another
    /// universe than Google's public cloud, which has no token endpoint (google-auth-library-python).
    /// </param>
    /// <param name="endpoints">Where Google's services are; <see langword="null"/> for the public addresses.</param>
    public ServiceAccountKeySource(
        ServiceAccountKey key, TimeProvider time, bool useOauthToken = true, GoogleEndpoints? endpoints = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(time);
        endpoints ??= new();
        _key = key;
        _time = time;
        _tokenUri = endpoints.Resolve(key.TokenUri);
        var elsewhere = key.UniverseDomain is not (null or "" or GoogleEndpoints.DefaultUniverse);
        _selfSigned = !useOauthToken || elsewhere;
        _identityTokens = elsewhere
            ? new(new SelfSigned(this), new(key.ClientEmail), endpoints, key.UniverseDomain, time)
            : null;
    }

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => new("serviceAccountKey", _key.ClientEmail, _key.ProjectId);

    /// <inheritdoc/>
    public async Task<AccessToken> GetAccessTokenAsync(
        IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        IReadOnlyList<string> wanted = scopes.Count == 0 ? [ImpersonationSource.CloudPlatform] : scopes;
        if (_selfSigned)
        {
            return await SignAsync(wanted, cancellationToken);
        }

        var asked = _time.GetUtcNow();
        return await ExchangeAsync("scope", string.Join(' ', wanted), cancellationToken)
            is { AccessToken: { Length: > 0 } value, ExpiresInSeconds: { } seconds }
            ? new(value, asked.AddSeconds(seconds))
            : throw Failures.Incomplete("access_token and expires_in");
    }

    /// <inheritdoc/>
    /// <remarks>Google decides what is in the token: the account's e-mail address always, a machine's claims never.</remarks>
    public async Task<IdentityToken> GetIdentityTokenAsync(
        IdentityTokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_identityTokens is not null)
        {
            return await _identityTokens.GetIdentityTokenAsync(request, cancellationToken);
        }

        var token = (await ExchangeAsync("target_audience", request.Audience, cancellationToken)).IdToken;
        return Jwt.ExpiresAt(token) is { } expiresAt ? new(token, expiresAt) : throw Failures.Incomplete("id_token");
    }

    private TokenExchangeFailures Failures => new(_key.ClientEmail, _tokenUri, IssuerConnections.CallTimeout);

    private async Task<AccessToken> SignAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        var dated = Dated();
        return new(
            await Jwt.SignAsync(
                Header(),
                new()
                {
                    ["iss"] = _key.ClientEmail,
                    ["sub"] = _key.ClientEmail,
                    ["scope"] = string.Join(' ', scopes),
                    ["iat"] = dated.ToUnixTimeSeconds(),
                    ["exp"] = (dated + SignedLife).ToUnixTimeSeconds(),
                },
                _key.SignHash,
                cancellationToken),
            dated + SignedLife - ClockError);
    }

    // What is wanted is a claim of the assertion.
    private async Task<TokenResponse> ExchangeAsync(string name, string wanted, CancellationToken cancellationToken)
    {
        var dated = Dated();
        var assertion = await Jwt.SignAsync(
            Header(),
            new()
            {
                ["iss"] = _key.ClientEmail,
                ["aud"] = GoogleTokenUri,
                [name] = wanted,
                ["iat"] = dated.ToUnixTimeSeconds(),
                ["exp"] = (dated + SignedLife).ToUnixTimeSeconds(),
            },
            _key.SignHash,
            cancellationToken);
        try
        {
            return await new GoogleAssertionTokenRequest { Assertion = assertion }
                .ExecuteAsync(IssuerConnections.Client, _tokenUri.AbsoluteUri, cancellationToken, new Clock(_time));
        }
        catch (Exception e) when (TokenExchangeFailures.IsForeseen(e, cancellationToken))
        {
            throw Failures.Translate(e);
        }
    }

    private DateTimeOffset Dated() => DateTimeOffset.FromUnixTimeSeconds((_time.GetUtcNow() - ClockError).ToUnixTimeSeconds());

    private JsonObject Header()
    {
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT" };
        if (_key.PrivateKeyId is { } id)
        {
            header["kid"] = id;
        }

        return header;
    }

    // The account speaking for itself: where there is no token endpoint, IAM makes the identity tokens.
    private sealed class SelfSigned(ServiceAccountKeySource key) : ITokenSource
    {
        public Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
            key.SignAsync(scopes, cancellationToken);

        public Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken) =>
            key.GetIdentityTokenAsync(request, cancellationToken);

        public TokenSourceDescription Describe() => key.Describe();
    }

    // What says when an answer came.
    private sealed class Clock(TimeProvider time) : IClock
    {
        [Obsolete("Google.Apis itself asks for UtcNow only.")]
        public DateTime Now => UtcNow.ToLocalTime();

        public DateTime UtcNow => time.GetUtcNow().UtcDateTime;
    }
}
