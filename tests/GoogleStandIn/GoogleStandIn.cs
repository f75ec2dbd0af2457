using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>
/// Stands where Google's token services are, and verifies what it is sent: <c>POST /token</c> exchanges assertions and
/// refresh tokens, <c>POST /v1/token</c> federated tokens, <c>POST /v1/projects/-/serviceAccounts/…</c> makes tokens by
/// impersonation. <c>GET /oauth2/v3/certs</c> is the key set of its identity tokens; <c>GET /calls</c> tells what it was
/// asked; <c>PUT /behaviour</c> makes it slow or fail.
/// </summary>
public sealed class GoogleStandIn : IAsyncDisposable
{
    /// <summary>The audience that Google's libraries write, wherever they send the assertion.</summary>
    public const string GoogleTokenUrl = "https://oauth2.googleapis.com/token";

    private const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    private const string AwsType = "urn:ietf:params:aws:token-type:aws4_request";

    private readonly WebApplication _app;
    private readonly IdentityTokenSigner _signer = new();
    private readonly ConcurrentQueue<TokenCall> _calls = new();
    private readonly ConcurrentDictionary<string, string> _issued = new();
    private readonly ConcurrentBag<KeyValuePair<string, RSA>> _clients = [];
    private readonly ConcurrentBag<UserLogin> _users = [];
    private readonly ConcurrentBag<(string Member, string Target)> _tokenCreators = [];
    private readonly ConcurrentDictionary<string, Provider> _providers = new();
    private readonly HashSet<string> _audiences = [GoogleTokenUrl];

    private readonly TimeProvider _time;
    private volatile TaskCompletionSource? _held;

    private GoogleStandIn(string urls, string? tokenUrl, TimeProvider time)
    {
        _time = time;
        if (tokenUrl is not null)
        {
            _audiences.Add(tokenUrl);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add(urls);
        _app.MapPost("/token", (Delegate)TokenAsync);
        _app.MapPost("/v1/token", (Delegate)ExchangeAsync);
        _app.MapPost("/v1/projects/-/serviceAccounts/{call}", ImpersonateAsync);
        _app.MapGet("/oauth2/v3/certs", () => _signer.Jwks);
        _app.MapGet("/calls", () => Calls);
        _app.MapPut("/behaviour", (Behaviour behaviour) => { Behaviour = behaviour; });
    }

    /// <summary>How it answers.</summary>
    public Behaviour Behaviour { get; set; } = new();

    /// <summary>Where it listens.</summary>
    public string Url => _app.Urls.First();

    /// <summary>What a key file names as its <c>token_uri</c>.</summary>
    public string TokenUrl => $"{Url}/token";

    /// <summary>Every call so far, in order.</summary>
    public IReadOnlyList<TokenCall> Calls => [.. _calls];

    /// <summary>Every token it gave, so that tests can see where one turns up that should not.</summary>
    public IReadOnlyCollection<string> IssuedTokens => [.. _issued.Keys];

    /// <summary>Ends when the process is asked to end.</summary>
    public Task Stopped => _app.WaitForShutdownAsync();

    public static async Task<GoogleStandIn> StartAsync(
        string urls = "http://127.0.0.1:0", string? tokenUrl = null, TimeProvider? time = null)
    {
        var standIn = new GoogleStandIn(urls, tokenUrl, time ?? TimeProvider.System);
        await standIn._app.StartAsync();
        return standIn;
    }

    /// <summary>Keeps every answer back from now on, however long it takes.</summary>
    public void Hold() => _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gives the answers that were kept back, and no longer keeps any.</summary>
    public void Release()
    {
        _held?.TrySetResult();
        _held = null;
    }

    /// <summary>Makes a service account known by the public half of one of its keys.</summary>
    public void AddClient(string email, string publicPem)
    {
        var key = RSA.Create();
        key.ImportFromPem(publicPem);
        _clients.Add(new(email, key));
    }

    /// <summary>Makes a key file that points here, and its account known.</summary>
    public KeyFile MakeClient(string email)
    {
        var key = KeyFile.Make(email, TokenUrl);
        AddClient(email, key.PublicPem);
        return key;
    }

    /// <summary>Makes a person known, who is logged in.</summary>
    public UserLogin MakeUser(string email)
    {
        var login = UserLogin.Make(email);
        _users.Add(login);
        return login;
    }

    /// <summary>Lets a principal make tokens of an account; that makes the account known, too.</summary>
    /// <param name="member">An e-mail address, or <c>principal://iam.googleapis.com/…/subject/…</c>.</param>
    /// <param name="target">The account's e-mail address.</param>
    public void AddTokenCreator(string member, string target) => _tokenCreators.Add((member, target));

    /// <summary>Makes a provider of a workload identity pool known.</summary>
    public void AddProvider(Provider provider) => _providers[$"//iam.googleapis.com/{provider.Name}"] = provider;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _signer.Dispose();
        foreach (var client in _clients)
        {
            client.Value.Dispose();
        }
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var now = _time.GetUtcNow();
        var call = (string?)form["grant_type"] switch
        {
            JwtBearer => Assertion.Judge(form["assertion"], _clients.ToLookup(c => c.Key, c => c.Value), _audiences, now),
            "refresh_token" => Refresh(form),
            _ => new("unsupported_grant_type", "Invalid grant_type"),
        };
        return await AnswerAsync(context, call, OAuthError, () => call.Outcome is "id_token"
            ? new() { ["id_token"] = Issued(_signer.Sign(call.Issuer!, call.TargetAudience!, now), call.Issuer!) }
            : AccessToken(call.Issuer!));
    }

    private TokenCall Refresh(IFormCollection form)
    {
        var user = _users.FirstOrDefault(known => known.RefreshToken == form["refresh_token"]);
        return user is null ? new("invalid_grant", "Token has been expired or revoked.")
            : user.ClientId != form["client_id"] || user.ClientSecret != form["client_secret"] ? new("invalid_client", "Unauthorized")
            : new("access_token", null, user.Email, (string?)form["scope"]);
    }

    private async Task<IResult> ExchangeAsync(HttpContext context)
    {
        var call = await JudgeExchangeAsync(await context.Request.ReadFormAsync());
        return await AnswerAsync(context, call, OAuthError, () =>
        {
            var answer = AccessToken(call.Issuer!);
            answer["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token";
            return answer;
        });
    }

    private async Task<TokenCall> JudgeExchangeAsync(IFormCollection form)
    {
        if (form["grant_type"] != TokenExchange || form["requested_token_type"] != "urn:ietf:params:oauth:token-type:access_token")
        {
            return new("invalid_request", "Invalid grant_type or requested_token_type.");
        }

        if (((string?)form["scope"]) is not { Length: > 0 } scope)
        {
            return new("invalid_scope", "Invalid scopes.");
        }

        if (!_providers.TryGetValue((string?)form["audience"] ?? "", out var provider))
        {
            return new(
                "invalid_target",
                "The target service indicated by the \"audience\" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn't exist.");
        }

        var (token, type, now) = ((string?)form["subject_token"] ?? "", (string?)form["subject_token_type"], _time.GetUtcNow());
        var (subject, wrong) = (type, provider) switch
        {
            (AwsType, { AwsIdentities.Count: > 0 }) => AwsRequest.Judge(token, provider, now) is var (identity, why) ? (identity?.Arn, why) : default,
            ("urn:ietf:params:oauth:token-type:jwt" or "urn:ietf:params:oauth:token-type:id_token", { KeySet: { } keySet }) =>
                SubjectToken.Judge(token, await keySet(), provider, now),
            _ => (null, "Invalid subject_token_type for the provider."),
        };
        return subject is null
            ? new("invalid_grant", wrong)
            : new("access_token", null, provider.PrincipalOf(subject), scope);
    }

    private async Task<IResult> ImpersonateAsync(HttpContext context, string call)
    {
        var bearer = context.Request.Headers.Authorization.ToString().Split(' ', 2) is ["Bearer", var token] ? token : "";
        var parts = call.Split(':');
        var judged = Impersonation.Judge(
            _issued.GetValueOrDefault(bearer) ?? Assertion.SelfSigned(bearer, _clients.ToLookup(c => c.Key, c => c.Value), _time.GetUtcNow()),
            parts[0],
            parts[^1],
            await JsonAsync(context),
            (member, target) => member == target || _tokenCreators.Contains((member, target)),
            account => _clients.Any(client => client.Key == account) || _tokenCreators.Any(pair => pair.Target == account));
        return await AnswerAsync(context, judged, ApiError, () => judged.Outcome is "id_token"
            ? new() { ["token"] = Issued(_signer.Sign(judged.Target!, judged.TargetAudience!, _time.GetUtcNow()), judged.Target!) }
            : new()
            {
                ["accessToken"] = Issued($"ya29.c.{RandomNumberGenerator.GetHexString(96)}", judged.Target!),
                ["expireTime"] = _time.GetUtcNow().AddSeconds(Math.Min(judged.Lifetime!.Value, Behaviour.ExpiresIn))
                    .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            });
    }

    private async Task<IResult> AnswerAsync(
        HttpContext context, TokenCall call, Func<TokenCall, IResult> refuse, Func<JsonObject> give)
    {
        _calls.Enqueue(call);
        var behaviour = Behaviour.IsFor(context.Request.Path) ? Behaviour : new Behaviour();
        await Task.Delay(behaviour.DelayMilliseconds, context.RequestAborted);
        if (_held is { } held)
        {
            await held.Task.WaitAsync(context.RequestAborted);
        }

        return behaviour.Status is { } status ? Results.Text(behaviour.Body, "text/html", statusCode: status)
            : call.Accepted ? Results.Json(give())
            : refuse(call);
    }

    private static IResult OAuthError(TokenCall call) => Results.Json(
        new JsonObject { ["error"] = call.Outcome, ["error_description"] = call.Description },
        statusCode: call.Outcome is "invalid_client" ? 401 : 400);

    private static IResult ApiError(TokenCall call)
    {
        var code = call.Outcome switch { "UNAUTHENTICATED" => 401, "PERMISSION_DENIED" => 403, "NOT_FOUND" => 404, _ => 400 };
        return Results.Json(
            new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = call.Description, ["status"] = call.Outcome } },
            statusCode: code);
    }

    private JsonObject AccessToken(string principal) => new()
    {
        ["access_token"] = Issued($"ya29.c.{RandomNumberGenerator.GetHexString(96)}", principal),
        ["expires_in"] = Behaviour.ExpiresIn,
        ["token_type"] = "Bearer",
    };

    private static async Task<JsonObject?> JsonAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFromJsonAsync<JsonObject>(context.RequestAborted);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private string Issued(string token, string principal)
    {
        _issued[token] = principal;
        return token;
    }
}
