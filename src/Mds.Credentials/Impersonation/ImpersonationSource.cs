using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>
/// Tokens of a service account by the word of another principal that may make them: <c>generateAccessToken</c> and
/// <c>generateIdToken</c> of the IAM Service Account Credentials API (docs: iam/docs/create-short-lived-credentials-direct).
/// </summary>
/// <remarks>
/// Written here, though Google.Apis.Auth has an ImpersonatedCredential: that one reads an error as OAuth's, which the
/// API's is not, and so loses the only sentence that says which permission is missing.
/// </remarks>
public sealed class ImpersonationSource : ITokenSource
{
    /// <summary>What the source's own token has to be good for.</summary>
    internal const string CloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

    private readonly ITokenSource _source;
    private readonly ImpersonationTarget _target;
    private readonly string _kind;
    private readonly string _role;
    private readonly string _member;
    private readonly Func<string, Uri> _method;
    private readonly TimeProvider _time;
    private TokenCache _sourceTokens;

    /// <summary>Creates the source; nobody is called yet.</summary>
    /// <param name="source">Who speaks for the target.</param>
    /// <param name="target">Whose tokens are wanted.</param>
    /// <param name="endpoints">Where Google's services are.</param>
    /// <param name="universe">The universe domain; <see langword="null"/> for Google's public cloud.</param>
    /// <param name="time">The clock.</param>
    public ImpersonationSource(
        ITokenSource source, ImpersonationTarget target, GoogleEndpoints endpoints, string? universe, TimeProvider time)
        : this(
            source,
            target,
            "impersonation",
            "roles/iam.serviceAccountTokenCreator",
            MemberOf(source.Describe().Principal),
            method => endpoints.ServiceAccount(universe, target.Principal, method),
            time)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
    }

    /// <param name="source">Who speaks for the target.</param>
    /// <param name="target">Whose tokens are wanted.</param>
    /// <param name="kind">The kind of credential that this is part of.</param>
    /// <param name="role">The role that the source needs on the target.</param>
    /// <param name="member">Who the source is to IAM.</param>
    /// <param name="method">The address of a method of the API for the target.</param>
    /// <param name="time">The clock.</param>
    internal ImpersonationSource(
        ITokenSource source, ImpersonationTarget target, string kind, string role, string member, Func<string, Uri> method, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(time);
        _source = source;
        _target = target;
        _kind = kind;
        _role = role;
        _member = member;
        _method = method;
        _time = time;
        _sourceTokens = SourceTokens();
    }

    /// <inheritdoc/>
    public TimeSpan LongestCall => _source.LongestCall + IssuerConnections.CallTimeout;

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => new(_kind, _target.Principal, ProjectOf(_target.Principal));

    /// <inheritdoc/>
    public async Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        var body = Body();
        body["scope"] = new JsonArray([.. (scopes.Count == 0 ? [CloudPlatform] : scopes).Select(scope => JsonValue.Create(scope))]);
        body["lifetime"] = string.Create(CultureInfo.InvariantCulture, $"{(long)_target.Lifetime.TotalSeconds}s");
        var asked = _time.GetUtcNow();
        var (call, answer) = await CallAsync("generateAccessToken", body, cancellationToken);
        if (!DateTimeOffset.TryParse(
            call.Text(answer, "expireTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiresAt))
        {
            throw call.Incomplete("expireTime");
        }

        // A moment of Google's clock: on a machine whose own is slow, the token would seem to live longer than it does.
        var atMost = asked + _target.Lifetime;
        return new(call.Text(answer, "accessToken"), expiresAt < atMost ? expiresAt : atMost);
    }

    /// <inheritdoc/>
    /// <remarks>Google decides what is in the token: the account's e-mail address always, a machine's claims never.</remarks>
    public async Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = Body();
        body["audience"] = request.Audience;
        body["includeEmail"] = true;
        var (call, answer) = await CallAsync("generateIdToken", body, cancellationToken);
        var token = call.Text(answer, "token");
        return Jwt.ExpiresAt(token) is { } expiresAt ? new(token, expiresAt) : throw call.Incomplete("a token that can be read");
    }

    /// <summary>The project of a service account, which its address names.</summary>
    internal static string? ProjectOf(string email) =>
        email.Split('@') is [_, var domain] && domain.EndsWith(".iam.gserviceaccount.com", StringComparison.Ordinal)
            ? domain[..domain.IndexOf('.', StringComparison.Ordinal)]
            : null;

    private async Task<(IssuerCall Call, System.Text.Json.JsonElement Answer)> CallAsync(
        string method, JsonObject body, CancellationToken cancellationToken)
    {
        var tokens = _sourceTokens;
        var token = await tokens.GetAccessTokenAsync([CloudPlatform], cancellationToken);
        // Not JsonContent, which reflects, and that is trimmed away in the published program.
        var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        var call = new IssuerCall(_method(method), content, $"to make tokens of {_target.Principal}{ForWhom}", Advice)
        {
            Authorization = new("Bearer", token.Value),
        };
        try
        {
            return (call, await call.SendAsync(cancellationToken));
        }
        catch (TokenSourceException e) when (e.InnerException is RefusedException { Refusal.Status: 401 })
        {
            // The source's token was revoked before its time: the next call begins with another.
            Interlocked.CompareExchange(ref _sourceTokens, SourceTokens(), tokens);
            throw;
        }
    }

    private JsonObject Body()
    {
        var body = new JsonObject();
        if (_target.Delegates.Count > 0)
        {
            body["delegates"] = new JsonArray([.. _target.Delegates.Select(account => JsonValue.Create($"projects/-/serviceAccounts/{account}"))]);
        }

        return body;
    }

    // The source's own tokens are kept for their life, too: an identity token would cost two calls instead of one. Only
    // one scope set is asked for, which is let go when nobody wants it any more, so the cache needs no end.
    private TokenCache SourceTokens() => new("source of " + _target.Principal, _source, _time);

    private string ForWhom => _source.Describe().Principal is { } principal ? $" for {principal}" : "";

    private string Advice(Refusal refusal) => refusal switch
    {
        { Status: 401 } => "The source credential's token was not accepted; its account may have been disabled, or its login revoked.",
        _ when refusal.Says("has not been used in project") || refusal.Says("SERVICE_DISABLED") =>
            "Enable the API: gcloud services enable iamcredentials.googleapis.com.",
        { Status: 403 } when _target.Delegates.Count > 0 =>
            $"Each account of the chain needs {_role} on the next: {Chain()}.",
        { Status: 403 } =>
            $"Grant it {_role} there: gcloud iam service-accounts add-iam-policy-binding {_target.Principal} --role={_role} "
            + $"--member={_member}. It may take a few minutes to be in force.",
        { Status: 404 } => "There is no such service account; check its e-mail address.",
        _ when refusal.Says("lifetime") =>
            "Ask for an hour at most, or allow the account more by the organization policy constraints/iam.allowServiceAccountCredentialLifetimeExtension.",
        _ when refusal.Says("scope") =>
            "Ask for scopes that exist: https://developers.google.com/identity/protocols/oauth2/scopes.",
        _ => "Asking again changes nothing until the account or its permissions are mended.",
    };

    private string Chain() => string.Join(" → ", new[] { _source.Describe().Principal ?? "the source credential" }
        .Concat(_target.Delegates).Append(_target.Principal));

    private static string MemberOf(string? principal) => principal switch
    {
        null => "MEMBER, where MEMBER is the source credential's account",
        _ when principal.EndsWith("gserviceaccount.com", StringComparison.Ordinal) => $"serviceAccount:{principal}",
        _ => $"user:{principal}",
    };
}
