using System.Net;
using System.Text.Json.Nodes;
using Mds.Metadata;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Protocol;

public sealed class FlavorRequestTests
{
    private const string V1 = MetadataListener.V1;
    private const string Account = "123456789012-compute@developer.gserviceaccount.com";

    private static readonly string Sample = SampleServer.Claims.Replace(
        "\"cluster-name\": \"lab\"", """
        "cluster-name": "lab", "cluster-location": "europe-west1", "cluster-uid": "u", "kube-env": "secret",
        "enable-guest-attributes": "TRUE", "enable-oslogin": "TRUE", "disable-legacy-endpoints": "FALSE"
        """)
        .Replace("\"name\": \"web-1\"", "\"name\": \"web-1\", \"hostname\": \"web-1.example.internal\"")
        .Replace("\"projectId\"", "\"attributes\": {\"ssh-keys\": \"secret\"}, \"projectId\"");

    [Fact]
    public async Task CloudRun_Listings_HaveTheKeysOfACloudRunInstanceAndNoOthers()
    {
        await using var listener = await StartAsync(MetadataFlavor.CloudRun);

        Assert.Equal("computeMetadata/\n", (await listener.GetAsync("/")).Body);
        Assert.Equal("v1/\n", (await listener.GetAsync("/computeMetadata/")).Body);
        Assert.Equal("instance/\nproject/\n", (await listener.GetAsync(V1)).Body);
        Assert.Equal("id\nregion\nservice-accounts/\nzone\n", (await listener.GetAsync(V1 + "instance/")).Body);
        Assert.Equal("numeric-project-id\nproject-id\n", (await listener.GetAsync(V1 + "project/")).Body);
        Assert.Equal($"{Account}/\ndefault/\n", (await listener.GetAsync(V1 + "instance/service-accounts/")).Body);
        Assert.Equal("aliases\nemail\nidentity\nscopes\ntoken\n", (await listener.GetAsync(V1 + "instance/service-accounts/default/")).Body);
    }

    [Fact]
    public async Task GKE_Listings_HaveTheDocumentedSubset()
    {
        await using var listener = await StartAsync(MetadataFlavor.GKE);

        Assert.Equal("computeMetadata/\n", (await listener.GetAsync("/")).Body);
        Assert.Equal("instance/\nproject/\n", (await listener.GetAsync(V1)).Body);
        Assert.Equal("attributes/\nhostname\nid\nname\nservice-accounts/\nzone\n", (await listener.GetAsync(V1 + "instance/")).Body);
        Assert.Equal("web-1.example.internal", (await listener.GetAsync(V1 + "instance/hostname")).Body);
        Assert.Equal("numeric-project-id\nproject-id\n", (await listener.GetAsync(V1 + "project/")).Body);
        Assert.Equal(404, (await listener.GetAsync(V1 + "project/attributes/ssh-keys")).Status);
        Assert.Equal("cluster-location\ncluster-name\ncluster-uid\n", (await listener.GetAsync(V1 + "instance/attributes/")).Body);
    }

    [Theory]
    [InlineData(MetadataFlavor.CloudRun)]
    [InlineData(MetadataFlavor.GKE)]
    public async Task Send_WhatOnlyComputeEngineHas_Is404(MetadataFlavor flavor)
    {
        await using var listener = await StartAsync(flavor);

        foreach (var path in new[]
        {
            V1 + "instance/attributes/kube-env", V1 + "instance/guest-attributes/", V1 + "instance/guest-attributes/a/b", V1 + "instance/tags",
            V1 + "instance/upcoming-maintenance", V1 + "instance/gce-workload-certificates/", V1 + "instance/disks/", V1 + "oslogin/users?pagesize=1",
            V1 + "universe/universe-domain", "/0.1/meta-data/", "/computeMetadata/v1beta1/instance/id",
        })
        {
            Assert.Equal((path, 404), (path, (await listener.GetAsync(path)).Status));
        }

        Assert.Equal(405, (await listener.PutAsync(V1 + "instance/guest-attributes/a/b", "value")).Status);
    }

    [Theory]
    [InlineData(MetadataFlavor.CloudRun, "Metadata Server for Serverless")]
    [InlineData(MetadataFlavor.GKE, "GKE Metadata Server")]
    public async Task Get_Leaf_NamesTheServer(MetadataFlavor flavor, string server)
    {
        await using var listener = await StartAsync(flavor);

        var answer = await listener.GetAsync(V1 + "project/project-id");

        Assert.Equal("example-project", answer.Body);
        Assert.Equal(server, answer.Single("Server"));
        Assert.Equal("Google", answer.Single("Metadata-Flavor"));
        Assert.Equal("application/text", answer.Single("Content-Type"));
        Assert.Matches("^[0-9a-f]{16}$", answer.Single("ETag"));
        Assert.Equal(flavor == MetadataFlavor.CloudRun, answer.Has("X-XSS-Protection") && answer.Has("X-Frame-Options"));
    }

    [Fact]
    public async Task CloudRun_WithoutTheFlavor_Is403ThatDoesNotSayWhoRefuses()
    {
        await using var listener = await StartAsync(MetadataFlavor.CloudRun);

        var refused = await listener.SendAsync("GET", V1 + "instance/id");
        var missing = await listener.GetAsync(V1 + "instance/name");

        Assert.Equal(403, refused.Status);
        Assert.False(refused.Has("Metadata-Flavor"));
        Assert.Equal("text/html; charset=UTF-8", refused.Single("Content-Type"));
        Assert.Equal((404, "Google"), (missing.Status, missing.Single("Metadata-Flavor")));
        Assert.Equal(200, (await listener.SendAsync("GET", "/")).Status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData(V1 + "instance/id")]
    public async Task GKE_WithoutTheFlavor_Is403InPlainTextAtTheRootToo(string path)
    {
        await using var listener = await StartAsync(MetadataFlavor.GKE);

        var answer = await listener.SendAsync("GET", path);

        Assert.Equal((403, "Missing required header \"Metadata-Flavor\": \"Google\"\n"), (answer.Status, answer.Body));
        Assert.Equal("text/plain; charset=utf-8", answer.Single("Content-Type"));
        Assert.Equal("nosniff", answer.Single("X-Content-Type-Options"));
        Assert.False(answer.Has("Metadata-Flavor"));
    }

    [Fact]
    public async Task GKE_Errors_AreALineOfText()
    {
        await using var listener = await StartAsync(MetadataFlavor.GKE);

        var missing = await listener.GetAsync(V1 + "nothing");
        var method = await listener.SendAsync("POST", V1 + "instance/id", "Metadata-Flavor: Google", "Content-Length: 0");
        var alt = await listener.GetAsync(V1 + "?alt=json");

        Assert.Equal((404, "Not Found\n", "Google"), (missing.Status, missing.Body, missing.Single("Metadata-Flavor")));
        Assert.Equal((405, "Method Not Allowed\n", "GET, HEAD"), (method.Status, method.Body, method.Single("Allow")));
        Assert.Equal((400, "Bad Request\n"), (alt.Status, alt.Body));
        Assert.Equal(
            (301, V1 + "instance/\n"), await StatusAndBodyAsync(listener.GetAsync(V1 + "instance?recursive=true")));
    }

    // Tokens of a pod and of a Cloud Run instance say nothing of a machine (observed, vault-plugin-auth-gcp#113).
    [Theory]
    [InlineData(MetadataFlavor.CloudRun)]
    [InlineData(MetadataFlavor.GKE)]
    public async Task Identity_OfAnotherFlavor_IsForWhomTheClaimsNameAndNamesNoMachine(MetadataFlavor flavor)
    {
        const string Pool = "example-project.svc.id.goog";
        using var folder = new TemporaryFolder();
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            Flavor = flavor,
            ConfigFile = folder.Write("claims.json", $$$"""
                {"instance": {"id": 7, "name": "web-1", "serviceAccounts": {"default": {"email": "{{{Pool}}}"} } }, "project": {"projectId": "example-project"} }
                """),
            Credentials = [new LocalSettings("default")],
        });

        var (status, token) = await server.GetAsync(V1 + "instance/service-accounts/default/identity?audience=a&format=full&licenses=TRUE");

        Assert.Equal(HttpStatusCode.OK, status);
        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!;
        Assert.Equal(("a", Pool), ((string?)claims["aud"], (string?)claims["email"]));
        Assert.Null(claims["google"]);
        Assert.Equal((HttpStatusCode.OK, Pool), await server.GetAsync(V1 + "instance/service-accounts/default/email"));
    }

    [Theory]
    [InlineData(MetadataFlavor.CloudRun)]
    [InlineData(MetadataFlavor.GKE)]
    public async Task Get_UniverseThatIsNotTheDefault_IsTold(MetadataFlavor flavor)
    {
        await using var listener = await MetadataListener.StartAsync(
            flavor, """{"universe": {"universe-domain": "example.test"}, "project": {"projectId": "p"}}""");

        Assert.Equal((200, "example.test"), await StatusAndBodyAsync(listener.GetAsync(V1 + "universe/universe-domain")));
    }

    [Fact]
    public async Task CloudRun_Sample_HasARandomIdForEveryStartAndARegion()
    {
        var settings = new ServerSettings { Flavor = MetadataFlavor.CloudRun, Credentials = [new LocalSettings("default")] };
        await using var one = await StartedServer.StartAsync(settings);
        await using var other = await StartedServer.StartAsync(settings);

        var id = (await one.GetAsync(V1 + "instance/id")).Body;

        Assert.Matches("^[0-9a-f]{128}$", id);
        Assert.NotEqual(id, (await other.GetAsync(V1 + "instance/id")).Body);
        Assert.Equal((HttpStatusCode.OK, $"\"{id}\""), await one.GetAsync(V1 + "instance/id?alt=json"));
        Assert.Equal("projects/246813579024/regions/europe-west4", (await one.GetAsync(V1 + "instance/region")).Body);
        Assert.Equal(HttpStatusCode.OK, (await one.TokenAsync()).Status);
        Assert.Contains("\"scopes\":[", (await one.GetAsync(V1 + "instance/service-accounts/default/?recursive=true")).Body);
    }

    [Fact]
    public async Task CloudRun_ClaimsOfAMachine_GetARegionAndKeepTheirId()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("claims.json", Sample);
        await using var server = await StartedServer.StartAsync(new ServerSettings { Flavor = MetadataFlavor.CloudRun, ConfigFile = file });

        Assert.Equal("projects/123456789012/regions/europe-west1", (await server.GetAsync(V1 + "instance/region")).Body);
        Assert.Equal("projects/123456789012/zones/europe-west1-b", (await server.GetAsync(V1 + "instance/zone")).Body);
        Assert.Equal("4520031799277581759", (await server.GetAsync(V1 + "instance/id")).Body);

        folder.RenameOver("claims.json", """{"project": {"project_id": "p", "numeric_project_id": "1"}, "instance": {"region": "us-west1"}}""");
        await Eventually.TrueAsync(async () => await server.ProjectIdAsync() == "p", "the change is served");

        Assert.Equal("projects/1/regions/us-west1", (await server.GetAsync(V1 + "instance/region")).Body);
        Assert.Equal("projects/1/zones/us-west1-1", (await server.GetAsync(V1 + "instance/zone")).Body);
        Assert.Matches("^[0-9a-f]{128}$", (await server.GetAsync(V1 + "instance/id")).Body);
    }

    private static Task<MetadataListener> StartAsync(MetadataFlavor flavor) => MetadataListener.StartAsync(
        flavor, flavor == MetadataFlavor.CloudRun ? Sample.Replace("\"zone\"", "\"region\": \"projects/1/regions/r\", \"zone\"") : Sample);

    private static async Task<(int Status, string Body)> StatusAndBodyAsync(Task<RawResponse> asked)
    {
        var answer = await asked;
        return (answer.Status, answer.Body);
    }
}
