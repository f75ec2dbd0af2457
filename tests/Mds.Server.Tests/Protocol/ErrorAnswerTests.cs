using System.Reflection;
using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.Faults;
using Mds.Server.Protocol;

namespace Mds.Server.Tests.Protocol;

/// <summary>Every error there is, in the manners of each kind of server, on the fast lane and beside it.</summary>
public sealed class ErrorAnswerTests
{
    private const string V1 = MetadataListener.V1;
    private const string Accounts = V1 + "instance/service-accounts/";
    private const string Header = "Metadata-Flavor: Google";

    private const string Claims = """
        {
          "instance": {
            "id": 7,
            "attributes": {"disable-legacy-endpoints": "TRUE"},
            "serviceAccounts": {
              "default": {"email": "down@p.iam.gserviceaccount.com", "aliases": ["default"]},
              "bare@p.iam.gserviceaccount.com": {},
              "fixed@p.iam.gserviceaccount.com": {}
            }
          },
          "project": {"projectId": "p"}
        }
        """;

    private static readonly (int Status, string Method, string Target, string[] Headers)[] Everywhere =
    [
        (403, "GET", V1 + "instance/id", []),
        (403, "GET", V1 + "instance/id", [Header, "X-Forwarded-For: 10.0.0.1"]),
        (403, "GET", V1 + "instance/id", [Header, "Host: elsewhere.test"]),
        (404, "GET", V1 + "nokey", [Header]),
        (404, "GET", V1 + "instance/id/", [Header]),
        (405, "POST", V1 + "instance/id", [Header, "Content-Length: 0"]),
        (400, "GET", V1 + "?alt=json", [Header]),
        (400, "GET", V1 + "instance/id?alt=xml", [Header]),
        (400, "GET", Accounts + "default/token?wait_for_change=true", [Header]),
        (400, "GET", Accounts + "default/token?enforce_scopes=false", [Header]),
        (503, "GET", Accounts + "default/token", [Header]),
        (400, "GET", Accounts + "default/identity", [Header]),
        (400, "GET", Accounts + "default/identity?audience=", [Header]),
        (503, "GET", Accounts + "default/identity?audience=x", [Header]),
        (404, "GET", Accounts + "bare@p.iam.gserviceaccount.com/token", [Header]),
        (404, "GET", Accounts + "bare@p.iam.gserviceaccount.com/identity?audience=x", [Header]),
        (404, "GET", Accounts + "fixed@p.iam.gserviceaccount.com/identity?audience=x", [Header]),
    ];

    private static readonly (int Status, string Method, string Target, string[] Headers)[] OnComputeEngine =
    [
        (403, "GET", "/0.1/meta-data/", []),
        (403, "GET", V1 + "instance/guest-attributes/", [Header]),
        (403, "PUT", V1 + "instance/guest-attributes/a/b", [Header, "Content-Length: 0"]),
        (405, "POST", V1 + "instance/guest-attributes/a/b", [Header, "Content-Length: 0"]),
        (412, "GET", V1 + "instance/gce-workload-certificates/trust-anchors", [Header]),
    ];

    [Theory]
    [InlineData(MetadataFlavor.GCE, true)]
    [InlineData(MetadataFlavor.GCE, false)]
    [InlineData(MetadataFlavor.CloudRun, true)]
    [InlineData(MetadataFlavor.CloudRun, false)]
    [InlineData(MetadataFlavor.GKE, true)]
    [InlineData(MetadataFlavor.GKE, false)]
    public async Task Answer_AnyError_HasTheMannersOfItsFlavor(MetadataFlavor flavor, bool fastLane)
    {
        await using var listener = await StartAsync(flavor);
        listener.AllowsFastLane = fastLane;

        var requests = flavor == MetadataFlavor.GCE ? Everywhere.Concat(OnComputeEngine) : Everywhere;
        foreach (var (status, method, target, headers) in requests)
        {
            AssertManners(flavor, status, await listener.SendAsync(method, target, headers), $"{method} {target}");
        }

        listener.HasClaims = false;
        AssertManners(flavor, 503, await listener.GetAsync(V1 + "instance/id"), "before the claims are there");
        foreach (var status in new[] { 403, 429, 500, 503 })
        {
            listener.Faults.Clear();
            listener.Faults.Add(id => new Fault(id, "*", status, TimeSpan.Zero, 1, null, null));
            AssertManners(flavor, status, await listener.GetAsync(V1 + "instance/id"), $"injected {status}");
        }

        if (flavor == MetadataFlavor.GCE)
        {
            var pages = typeof(ErrorPage).GetFields(BindingFlags.Static | BindingFlags.Public)
                .Where(field => field.FieldType == typeof(ErrorPage)).ToDictionary(field => field.Name, field => (ErrorPage)field.GetValue(null)!);
            Assert.NotEmpty(pages);
            Assert.Empty(pages.Where(page => !listener.Errors.Contains(page.Value)).Select(page => page.Key));
        }
    }

    [Fact]
    public async Task GKE_IdentityToken_SaysWhatIsMissingInALineOfText()
    {
        await using var listener = await StartAsync(MetadataFlavor.GKE);

        var audience = await listener.GetAsync(Accounts + "default/identity");
        var account = await listener.GetAsync(Accounts + "bare@p.iam.gserviceaccount.com/identity?audience=x");

        Assert.Equal((400, "non-empty audience parameter required\n"), (audience.Status, audience.Body));
        Assert.Equal(404, account.Status);
        Assert.Contains("iam.gke.io/gcp-service-account", account.Body);
    }

    private static void AssertManners(MetadataFlavor flavor, int status, RawResponse answer, string what)
    {
        Assert.Equal((what, status), (what, answer.Status));
        Assert.False(answer.Has("ETag"), what);
        Assert.Equal((what, flavor == MetadataFlavor.GCE || status != 403), (what, answer.Has("Metadata-Flavor")));
        Assert.Equal(
            flavor switch
            {
                MetadataFlavor.CloudRun => "Metadata Server for Serverless",
                MetadataFlavor.GKE => "GKE Metadata Server",
                _ => "Metadata Server for VM",
            },
            answer.Single("Server"));
        if (flavor == MetadataFlavor.GKE)
        {
            Assert.Equal((what, "text/plain; charset=utf-8"), (what, answer.Single("Content-Type")));
            Assert.Equal("nosniff", answer.Single("X-Content-Type-Options"));
            Assert.False(answer.Has("X-XSS-Protection"), what);
            Assert.EndsWith("\n", answer.Body);
            Assert.DoesNotContain("<", answer.Body);
            Assert.DoesNotContain("{", answer.Body);
        }
        else
        {
            Assert.StartsWith("text/html", answer.Single("Content-Type"));
            Assert.Equal(("0", "SAMEORIGIN"), (answer.Single("X-XSS-Protection"), answer.Single("X-Frame-Options")));
            Assert.False(answer.Has("X-Content-Type-Options"), what);
        }
    }

    private static Task<MetadataListener> StartAsync(MetadataFlavor flavor) => MetadataListener.StartAsync(
        flavor,
        Claims,
        new CredentialSet(
        [
            new TokenCache("default", RecordingSource.Failing(TokenSourceFault.Unavailable, "The issuer is away."), TimeProvider.System),
            new TokenCache(
                "fixed@p.iam.gserviceaccount.com", new StaticSource("access", null, null, TimeProvider.System), TimeProvider.System),
        ]),
        null,
        "localhost");
}
