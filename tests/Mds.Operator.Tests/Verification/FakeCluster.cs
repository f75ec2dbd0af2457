using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mds.Operator.Tests.Verification;

/// <summary>The two objects that lead to a webhook, served over HTTP, and a webhook, served over TLS by its own authority.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _authority;

    private FakeCluster(WebApplication app, string authority)
    {
        _app = app;
        _authority = authority;
    }

    /// <summary>Decides what the webhook answers to a review; by default what a webhook that works does.</summary>
    public Func<JsonObject, JsonObject> Answer { get; set; } = request => Response(request, allowed: false, $"There is no emulator {Emulator(request)}.");

    /// <summary>What the configuration has as caBundle; by default the authority that signed the webhook's certificate.</summary>
    public string? CaBundle { get; set; }

    /// <summary>Whether the configuration exists.</summary>
    public bool Installed { get; set; } = true;

    /// <summary>What the Service has as its address.</summary>
    public string ClusterIp { get; set; } = "127.0.0.1";

    /// <summary>The last review the webhook was asked about.</summary>
    public JsonObject? LastRequest { get; private set; }

    public KubeClient Client() => new(new KubeConfig { Server = Address("http") });

    public static string NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = SelfSigned(key, "CN=another authority");
        return Pem(authority);
    }

    public static string Pem(X509Certificate2 certificate) => Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem()));

    public static JsonObject Response(JsonObject request, bool allowed, string message) => new()
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["response"] = new JsonObject
        {
            ["uid"] = request["uid"]!.DeepClone(),
            ["allowed"] = allowed,
            ["status"] = new JsonObject { ["message"] = message },
        },
    };

    /// <param name="host">The name in the webhook's certificate.</param>
    public static async Task<FakeCluster> StartAsync(string host = "mds-webhook.mds-system.svc")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = SelfSigned(key, "CN=the webhook's authority");
        var leaf = Leaf(authority, host);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(leaf));
        });
        var app = builder.Build();
        var cluster = new FakeCluster(app, Pem(authority));
        app.MapPost("/mutate-pods", cluster.ReviewAsync);
        app.MapGet("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/mds", cluster.Configuration);
        app.MapGet("/api/v1/namespaces/mds-system/services/mds-webhook", cluster.Service);
        await app.StartAsync();
        return cluster;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Uri Address(string scheme) => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
        .Addresses.Select(address => new Uri(address)).Single(address => address.Scheme == scheme);

    private static string Emulator(JsonObject request) => (string)request["object"]!["metadata"]!["annotations"]!["mds.dev/emulator"]!;

    private async Task ReviewAsync(HttpContext context)
    {
        var review = (await JsonNode.ParseAsync(context.Request.Body))!;
        LastRequest = review["request"]!.AsObject();
        await context.Response.WriteAsync(Answer(LastRequest).ToJsonString());
    }

    private IResult Configuration()
    {
        if (!Installed)
        {
            return Results.Text("""{"kind":"Status","message":"not found","reason":"NotFound","code":404}""", "application/json", null, 404);
        }

        var service = new JsonObject
        {
            ["name"] = "mds-webhook", ["namespace"] = "mds-system", ["path"] = "/mutate-pods", ["port"] = Address("https").Port,
        };
        var client = new JsonObject { ["service"] = service, ["caBundle"] = CaBundle ?? _authority };
        return Json(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "mds" },
            ["webhooks"] = new JsonArray(new JsonObject { ["clientConfig"] = client }),
        });
    }

    private IResult Service() => Json(new JsonObject { ["spec"] = new JsonObject { ["clusterIP"] = ClusterIp } });

    private static IResult Json(JsonObject content) => Results.Text(content.ToJsonString(), "application/json");

    private static X509Certificate2 SelfSigned(ECDsa key, string subject)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Leaf(X509Certificate2 authority, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=webhook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, [1]);
        return certificate.CopyWithPrivateKey(key);
    }
}
