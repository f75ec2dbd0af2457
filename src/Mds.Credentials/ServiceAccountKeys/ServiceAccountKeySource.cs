using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using Google.Apis.Util;

namespace Mds.Credentials;

/// <summary>
/// Tokens of a service account from its key, by Google's own credentials code: an assertion signed with the key is
/// exchanged at the key file's <c>token_uri</c> (docs: identity/protocols/oauth2/service-account). Nothing is cached
/// and nothing retried here; the token cache does both. Google.Apis.Auth alone would repeat a 503 twice by itself, so
/// that the cache could not say how often the issuer is called.
/// </summary>
/// <remarks>
/// The assertion's <c>aud</c> is always <c>https://oauth2.googleapis.com/token</c>, whatever <c>token_uri</c> says:
/// Google.Apis.Auth and google-auth-library-python write it so, because a <c>token_uri</c> of one's own is a private
/// way to Google (Private Service Connect), which knows itself by that name only.
/// </remarks>
public sealed class ServiceAccountKeySource : ITokenSource
{
    private const string CloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(8);

    private readonly ServiceAccountKey _key;
    private readonly Clock _clock;

    /// <summary>Creates the source; nobody is called yet.</summary>
    /// <param name="key">The key.</param>
    /// <param name="time">The clock that dates assertions and tokens.</param>
    public ServiceAccountKeySource(ServiceAccountKey key, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(time);
        _key = key;
        _clock = new(time);
    }

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => new("serviceAccountKey", _key.ClientEmail, _key.ProjectId);

    /// <inheritdoc/>
    public async Task<AccessToken> GetAccessTokenAsync(
        IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        try
        {
            var credential = Credential(scopes.Count == 0 ? [CloudPlatform] : scopes);
            await credential.RequestAccessTokenAsync(cancellationToken);
            return credential.Token is { AccessToken: { Length: > 0 } value, ExpiresInSeconds: { } seconds } token
                ? new(value, new DateTimeOffset(token.IssuedUtc, TimeSpan.Zero).AddSeconds(seconds))
                : throw Failures.Incomplete("access_token and expires_in");
        }
        catch (Exception e) when (TokenExchangeFailures.IsForeseen(e, cancellationToken))
        {
            throw Failures.Translate(e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Google decides what is in the token: the account's e-mail address always, a machine's claims never.</remarks>
    public async Task<IdentityToken> GetIdentityTokenAsync(
        IdentityTokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            var token = await Credential([]).GetOidcTokenAsync(
                OidcTokenOptions.FromTargetAudience(request.Audience), cancellationToken);
            var value = await token.GetAccessTokenAsync(cancellationToken);
            return Jwt.ExpiresAt(value) is { } expiresAt ? new(value, expiresAt) : throw Failures.Incomplete("id_token");
        }
        catch (Exception e) when (TokenExchangeFailures.IsForeseen(e, cancellationToken))
        {
            throw Failures.Translate(e);
        }
    }

    private TokenExchangeFailures Failures => new(_key.ClientEmail, _key.TokenUri, CallTimeout);

    private ServiceAccountCredential Credential(IReadOnlyList<string> scopes) =>
        new(new ServiceAccountCredential.Initializer(_key.ClientEmail, _key.TokenUri.AbsoluteUri)
        {
            Key = _key.PrivateKey,
            KeyId = _key.PrivateKeyId,
            ProjectId = _key.ProjectId,
            UniverseDomain = _key.UniverseDomain,
            Scopes = scopes,
            Clock = _clock,
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
            HttpClientFactory = Connections.Instance,
        });

    private sealed class Clock(TimeProvider time) : IClock
    {
        [Obsolete("Google.Apis itself asks for UtcNow only.")]
        public DateTime Now => time.GetLocalNow().DateTime;

        public DateTime UtcNow => time.GetUtcNow().UtcDateTime;
    }

    // One pool of connections for all keys: a credential of Google's makes itself a client for every token.
    private sealed class Connections : HttpClientFactory, IHttpClientFactory
    {
        private static readonly SocketsHttpHandler Pool = new()
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a change of DNS is noticed
        };

        public static Connections Instance { get; } = new();

        ConfigurableHttpClient IHttpClientFactory.CreateHttpClient(CreateHttpClientArgs args)
        {
            var client = CreateHttpClient(args);
            client.Timeout = CallTimeout;
            return client;
        }

        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => Pool;
    }
}
