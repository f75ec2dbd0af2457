using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;

namespace StandIns;

/// <summary>
/// Stands where Google's token endpoint is. <c>POST /token</c> exchanges an assertion, after verifying all of it;
/// <c>GET /oauth2/v3/certs</c> is the key set of its identity tokens; <c>GET /calls</c> tells what it was asked;
/// <c>PUT /behaviour</c> makes it slow or fail.
/// </summary>
public sealed class GoogleStandIn : IAsyncDisposable
{
    /// <summary>The audience that Google's libraries write, wherever they send the assertion.</summary>
    public const string GoogleTokenUrl = "https://oauth2.googleapis.com/token";

    private const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private readonly WebApplication _app;
    private readonly IdentityTokenSigner _signer = new();
    private readonly ConcurrentQueue<TokenCall> _calls = new();
    private readonly ConcurrentBag<string> _issued = [];
    private readonly ConcurrentBag<KeyValuePair<string, RSA>> _clients = [];
    private readonly HashSet<string> _audiences = [GoogleTokenUrl];

    private GoogleStandIn(string urls, string? tokenUrl)
    {
        if (tokenUrl is not null)
        {
            _audiences.Add(tokenUrl);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add(urls);
        _app.MapPost("/token", TokenAsync).DisableAntiforgery();
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
    public IReadOnlyCollection<string> IssuedTokens => _issued;

    /// <summary>Ends when the process is asked to end.</summary>
    public Task Stopped => _app.WaitForShutdownAsync();

    public static async Task<GoogleStandIn> StartAsync(string urls = "http://127.0.0.1:0", string? tokenUrl = null)
    {
        var standIn = new GoogleStandIn(urls, tokenUrl);
        await standIn._app.StartAsync();
        return standIn;
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

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _signer.Dispose();
        foreach (var client in _clients)
        {
            client.Value.Dispose();
        }
    }

    private async Task<IResult> TokenAsync(
        [FromForm(Name = "grant_type")] string? grantType, [FromForm] string? assertion, CancellationToken cancellation)
    {
        var now = DateTimeOffset.UtcNow;
        var call = grantType is JwtBearer
            ? Assertion.Judge(assertion, _clients.ToLookup(c => c.Key, c => c.Value), _audiences, now)
            : new("unsupported_grant_type", "Invalid grant_type");
        _calls.Enqueue(call);
        var behaviour = Behaviour;
        await Task.Delay(behaviour.DelayMilliseconds, cancellation);
        if (behaviour.Status is { } status)
        {
            return Results.Text(behaviour.Body, "text/html", statusCode: status);
        }

        return call switch
        {
            { Outcome: "access_token" } => Results.Json(new JsonObject
            {
                ["access_token"] = Issued($"ya29.c.{RandomNumberGenerator.GetHexString(96)}"),
                ["expires_in"] = behaviour.ExpiresIn,
                ["token_type"] = "Bearer",
            }),
            { Outcome: "id_token" } => Results.Json(new JsonObject
            {
                ["id_token"] = Issued(_signer.Sign(call.Issuer!, call.TargetAudience!, now)),
            }),
            _ => Results.Json(
                new JsonObject { ["error"] = call.Outcome, ["error_description"] = call.Description }, statusCode: 400),
        };
    }

    private string Issued(string token)
    {
        _issued.Add(token);
        return token;
    }
}
