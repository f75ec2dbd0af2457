using Mds.Server.Tests.Hosting;
using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary>What is read from the tree, as a client sees it on the wire.</summary>
public sealed class TreeRequestTests(SampleServer server) : IClassFixture<SampleServer>
{
    private MetadataListener Listener => server.Listener;

    [Theory]
    [InlineData("/")]
    [InlineData("/?recursive=true")]
    [InlineData("/?alt=json")]
    public async Task Get_RootWithoutHeader_IsTheListingThatDetectionLooksFor(string target)
    {
        var response = await Listener.SendAsync("GET", target);

        Assert.Equal("HTTP/1.1 200 OK", response.StatusLine);
        Assert.Equal("Google", response.Single("Metadata-Flavor"));
        Assert.Equal("application/text", response.Single("Content-Type"));
        Assert.Equal("22", response.Single("Content-Length"));
        Assert.Equal("0.1/\ncomputeMetadata/\n", response.Body);
        Assert.False(response.Has("ETag"));
    }

    [Fact]
    public async Task Get_RootWithAnotherFlavor_IsTheSame()
    {
        var response = await Listener.SendAsync("GET", "/", "Metadata-Flavor: Not Google");

        Assert.Equal(200, response.Status);
        Assert.Equal("0.1/\ncomputeMetadata/\n", response.Body);
    }

    [Fact]
    public async Task Get_Leaf_HasEveryHeaderOfTheRealServerOnceInItsSpelling()
    {
        var response = await Listener.GetAsync(V1 + "instance/name");

        Assert.Equal("HTTP/1.1 200 OK", response.StatusLine);
        Assert.Equal(
            ["Content-Length", "Content-Type", "Date", "ETag", "Metadata-Flavor", "Server", "X-Frame-Options", "X-XSS-Protection"],
            response.Headers.Select(header => header.Key).Order(StringComparer.Ordinal));
        Assert.Equal("Google", response.Single("Metadata-Flavor"));
        Assert.Equal("application/text", response.Single("Content-Type"));
        Assert.Matches("^[0-9a-f]{16}$", response.Single("ETag"));
        Assert.Equal("Metadata Server for VM", response.Single("Server"));
        Assert.Equal("5", response.Single("Content-Length"));
        Assert.Equal("0", response.Single("X-XSS-Protection"));
        Assert.Equal("SAMEORIGIN", response.Single("X-Frame-Options"));
        Assert.Equal("web-1", response.Body);
    }

    [Theory]
    [InlineData("instance/id")]
    [InlineData("instance/?recursive=true")]
    [InlineData("instance")]
    [InlineData("instance/nokey")]
    [InlineData("instance/?alt=json")]
    public async Task Get_Anything_NamesGoogleInNoOtherHeaderThanTheFlavor(string path)
    {
        var response = await Listener.GetAsync(V1 + path);

        Assert.Equal("Google", response.Single("Metadata-Flavor"));
        Assert.DoesNotContain(response.Headers, header =>
            header.Key != "Metadata-Flavor" && header.Value.Contains("google", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("instance", "instance/")]
    [InlineData("instance?recursive=true", "instance/?recursive=true")]
    [InlineData("instance/attributes", "instance/attributes/")]
    [InlineData("instance/disks/0?a=b&c=%2F", "instance/disks/0/?a=b&c=%2F")]
    [InlineData("instance/service-accounts/" + SampleServer.Email, "instance/service-accounts/" + SampleServer.Email + "/")]
    public async Task Get_DirectoryWithoutSlash_RedirectsToTheRequestsHostWithTheQueryKept(string path, string location)
    {
        var response = await Listener.GetAsync(V1 + path);

        Assert.Equal("HTTP/1.1 301 Moved Permanently", response.StatusLine);
        Assert.Equal($"http://localhost:{Listener.Port}{V1}{location}", response.Single("Location"));
        Assert.Equal("text/html", response.Single("Content-Type"));
        Assert.Equal(V1 + location.Split('?')[0] + "\n", response.Body);
        Assert.False(response.Has("ETag"));
    }

    [Fact]
    public async Task Get_V1WithoutSlash_RedirectsWithTheSlashBeforeTheQuery()
    {
        var response = await Listener.GetAsync("/computeMetadata/v1?recursive=true");

        Assert.Equal(301, response.Status);
        Assert.Equal($"http://localhost:{Listener.Port}/computeMetadata/v1/?recursive=true", response.Single("Location"));
    }

    [Fact]
    public async Task Get_InstanceWithoutSlash_HasTheObservedThirtyBytes()
    {
        var response = await Listener.GetAsync(V1 + "instance");

        Assert.Equal("30", response.Single("Content-Length"));
        Assert.Equal("/computeMetadata/v1/instance/\n", response.Body);
    }

    [Fact]
    public async Task Get_Directory_ListsSortedWithSlashesAndALastNewline()
    {
        var response = await Listener.GetAsync(V1 + "instance/");

        Assert.Equal("application/text", response.Single("Content-Type"));
        Assert.Equal(
            "attributes/\ndescription\ndisks/\ngce-workload-certificates/\nguest-attributes/\nid\nmaintenance-event\nname\npreempted\nservice-accounts/\ntags\nupcoming-maintenance\nzone\n",
            response.Body);
    }

    [Theory]
    [InlineData("instance/disks/", "0/\n1/\n")]
    [InlineData("instance/disks/1/mode", "READ_ONLY")]
    [InlineData("instance/service-accounts/", SampleServer.Email + "/\ndefault/\n")]
    [InlineData("instance/service-accounts/default/", "aliases\nemail\nidentity\nscopes\ntoken\n")]
    [InlineData("instance/service-accounts/default/scopes",
        "https://www.googleapis.com/auth/cloud-platform\nhttps://www.googleapis.com/auth/userinfo.email\n")]
    [InlineData("instance/service-accounts/" + SampleServer.Email + "/email", SampleServer.Email)]
    [InlineData("project//project-id", "example-project")]
    [InlineData("/project/numeric-project-id", "123456789012")]
    [InlineData("project/project%2Did", "example-project")]
    [InlineData("universe/universe-domain", "googleapis.com")]
    [InlineData("universe/universe_domain", "googleapis.com")]
    [InlineData("universe/universe-domain?recursive=true", "googleapis.com")]
    [InlineData("instance/name?alt=text", "web-1")]
    [InlineData("instance/name?recursive=true", "web-1")]
    [InlineData("instance/name?unknown=parameter&last_etag=0&timeout_sec=1", "web-1")]
    [InlineData("instance/name?wait_for_change=true&last_etag=0", "web-1")]
    [InlineData("instance/tags?alt=text", "http-server\nhttps-server\n")]
    public async Task Get_TextRendering_IsTheBareValue(string path, string body)
    {
        var response = await Listener.GetAsync(V1 + path);

        Assert.Equal("application/text", response.Single("Content-Type"));
        Assert.Equal(body, response.Body);
    }

    [Theory]
    [InlineData("instance/id?alt=json", "4520031799277581759")]
    [InlineData("instance/name?alt=json", "\"web-1\"")]
    [InlineData("instance/tags", """["http-server","https-server"]""")]
    [InlineData("instance/attributes/?recursive=true", """{"cluster-name":"lab"}""")]
    [InlineData("instance/attributes/?recursive=True", """{"cluster-name":"lab"}""")]
    [InlineData("instance/attributes/?recursive=1", """{"cluster-name":"lab"}""")]
    [InlineData("instance/attributes/?recursive=yes", """{"cluster-name":"lab"}""")]
    [InlineData("instance/attributes/?recursive=on&alt=json", """{"cluster-name":"lab"}""")]
    [InlineData("instance/service-accounts/default/?recursive=true",
        """{"aliases":["default"],"email":"123456789012-compute@developer.gserviceaccount.com","scopes":["https://www.googleapis.com/auth/cloud-platform","https://www.googleapis.com/auth/userinfo.email"]}""")]
    [InlineData("/?recursive=true&alt=json&last_etag=NONE", WholeTree)]
    public async Task Get_JsonRendering_IsCompactAndSortedWithoutACharset(string path, string body)
    {
        var response = await Listener.GetAsync(V1 + path);

        Assert.Equal("application/json", response.Single("Content-Type"));
        Assert.Equal(body, response.Body);
    }

    [Fact]
    public async Task Get_RecursiveAsText_IsALineForEachValueWithoutEmptyLists()
    {
        var response = await Listener.GetAsync(V1 + "instance/disks/?recursive=true&alt=text");

        Assert.Equal("application/text", response.Single("Content-Type"));
        Assert.Equal(
            "0/device-name web-1\n0/index 0\n0/mode READ_WRITE\n0/type PERSISTENT\n"
            + "1/device-name data-1\n1/index 1\n1/mode READ_ONLY\n1/type PERSISTENT\n",
            response.Body);
    }

    [Theory]
    [InlineData("true,True,TRUE,t,T,yes,Yes,y,Y,1,on,ON", """{"cluster-name":"lab"}""")]
    [InlineData("false,False,f,F,no,n,N,0,off,OFF", "cluster-name\n")]
    public async Task Get_WordForTrueOrFalse_IsUnderstoodInAnyCase(string words, string body)
    {
        foreach (var word in words.Split(','))
        {
            var response = await Listener.GetAsync($"{V1}instance/attributes/?recursive={word}");

            Assert.Equal((word, body), (word, response.Body));
        }
    }

    [Fact]
    public async Task Get_SwitchThatIsNoBoolean_CountsAsFalse()
    {
        var response = await Listener.GetAsync(V1 + "instance/attributes/?recursive=xyz");

        Assert.Equal("cluster-name\n", response.Body);
    }

    [Fact]
    public async Task Get_EmptyValue_Is200WithoutABody()
    {
        var response = await Listener.GetAsync(V1 + "instance/description");

        Assert.Equal(200, response.Status);
        Assert.Equal("0", response.Single("Content-Length"));
    }

    [Theory]
    [InlineData("instance/?alt=json")]
    [InlineData("instance/?alt=text")]
    [InlineData("instance/?recursive=true&alt=xml")]
    [InlineData("instance/name?alt=xml")]
    [InlineData("instance/?wait_for_change=true")]
    [InlineData("instance/service-accounts/default/token?wait_for_change=true")]
    public async Task Get_ParametersThatDoNotFit_Is400(string path)
    {
        var response = await Listener.GetAsync(V1 + path);

        Assert.Equal("HTTP/1.1 400 Bad Request", response.StatusLine);
        Assert.Contains("Invalid Request", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("instance/name")]
    [InlineData("instance/?recursive=true")]
    [InlineData("instance/nokey")]
    [InlineData("instance")]
    public async Task Head_Anything_HasTheHeadersOfGetAndNoBody(string path)
    {
        var get = await Listener.GetAsync(V1 + path);
        var head = await Listener.SendAsync("HEAD", V1 + path, "Metadata-Flavor: Google");

        Assert.Equal(get.StatusLine, head.StatusLine);
        Assert.Equal(get.Headers.Where(h => h.Key != "Date"), head.Headers.Where(h => h.Key != "Date"));
        Assert.Empty(head.Body);
    }

    // What `curl -sI` shows, by which a real server is looked for.
    [Fact]
    public async Task Head_RootWithoutHeader_HasTheHeadersOfGet()
    {
        var get = await Listener.SendAsync("GET", "/");
        var head = await Listener.SendAsync("HEAD", "/");

        Assert.Equal(("HTTP/1.1 200 OK", "Google", "22"), (head.StatusLine, head.Single("Metadata-Flavor"), head.Single("Content-Length")));
        Assert.Equal(get.Headers.Where(h => h.Key != "Date"), head.Headers.Where(h => h.Key != "Date"));
        Assert.Empty(head.Body);
    }

    [Fact]
    public async Task Get_WorkloadCertificates_AreListedAndNotPartOfRecursionUntilConfigured()
    {
        const string Certificates = V1 + "instance/gce-workload-certificates/";
        Assert.Equal("config-status\ntrust-anchors\nworkload-identities\n", (await Listener.GetAsync(Certificates)).Body);
        Assert.Equal("{}", (await Listener.GetAsync(Certificates + "?recursive=true")).Body);

        await using var own = await StartAsync("""
            {"instance": {"gceWorkloadCertificates": {"config-status": {"partnerMetadataConfigsErrors": {}}}}}
            """);

        Assert.Equal("config-status\ntrust-anchors\nworkload-identities\n", (await own.GetAsync(Certificates)).Body);
        Assert.Equal("""{"partnerMetadataConfigsErrors":{}}""", (await own.GetAsync(Certificates + "config-status")).Body);
        Assert.Equal(412, (await own.GetAsync(Certificates + "trust-anchors")).Status);
        Assert.Contains("gceWorkloadCertificates", (await own.GetAsync(V1 + "?recursive=true")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_UpcomingMaintenance_IsNoneUntilSomethingIsPlanned()
    {
        const string Path = V1 + "instance/upcoming-maintenance";
        const string Planned = """{"can_reschedule":"true","type":"SCHEDULED","maintenance_status":"PENDING"}""";
        await using var own = await StartAsync(SampleServer.Claims);
        Assert.Equal("NONE", (await own.GetAsync(Path)).Body);
        var nothing = await own.GetAsync(Path + "?alt=json");
        Assert.Equal(("{}", "application/json"), (nothing.Body, nothing.Single("Content-Type")));
        var waiting = own.GetAsync(Path + $"?alt=json&wait_for_change=true&last_etag={nothing.Single("ETag")}");
        await Eventually.TrueAsync(() => own.Store.WaiterCount == 1, "it waits");

        own.Store.Replace(Tree($$"""{"instance": {"upcomingMaintenance": {{Planned}} } }"""));

        Assert.Equal(Planned, (await waiting).Body);
        Assert.Equal(Planned, (await own.GetAsync(Path)).Body);
    }

    [Fact]
    public async Task Get_TargetAsSentToAProxy_IsUnderstood()
    {
        var response = await Listener.GetAsync($"http://localhost:{Listener.Port}{V1}instance/name?alt=json");

        Assert.Equal("\"web-1\"", response.Body);
    }

    [Fact]
    public async Task ETag_LeafAndRecursion_DependsOnContentAlone()
    {
        await using var own = await StartAsync(SampleServer.Claims);
        async Task<string> ETag(string path) => (await own.GetAsync(V1 + path)).Single("ETag");
        var (leaf, other, recursive) = (await ETag("instance/name"), await ETag("instance/id"), await ETag("instance/?recursive=true"));

        Assert.Equal(leaf, await ETag("instance/name?alt=json"));
        Assert.Equal(leaf, await ETag("instance/name?alt=text"));
        Assert.NotEqual(recursive, await ETag("instance/"));
        Assert.Equal(recursive, await ETag("instance/?recursive=true&alt=text"));

        own.Store.Replace(Tree(SampleServer.Claims.Replace("\"name\": \"web-1\"", "\"name\": \"web-2\"", StringComparison.Ordinal)));
        Assert.NotEqual(leaf, await ETag("instance/name"));
        Assert.NotEqual(recursive, await ETag("instance/?recursive=true"));
        Assert.Equal(other, await ETag("instance/id"));

        own.Store.Replace(Tree(SampleServer.Claims));
        Assert.Equal(leaf, await ETag("instance/name"));
        Assert.Equal(recursive, await ETag("instance/?recursive=true"));
    }

    private const string WholeTree = """{"instance":{"attributes":{"cluster-name":"lab"},"description":"","disks":[{"deviceName":"web-1","index":0,"mode":"READ_WRITE","type":"PERSISTENT"},{"deviceName":"data-1","index":1,"mode":"READ_ONLY","type":"PERSISTENT"}],"guestAttributes":{},"id":4520031799277581759,"maintenanceEvent":"NONE","name":"web-1","preempted":"FALSE","serviceAccounts":{"123456789012-compute@developer.gserviceaccount.com":{"aliases":["default"],"email":"123456789012-compute@developer.gserviceaccount.com","scopes":["https://www.googleapis.com/auth/cloud-platform","https://www.googleapis.com/auth/userinfo.email"]},"default":{"aliases":["default"],"email":"123456789012-compute@developer.gserviceaccount.com","scopes":["https://www.googleapis.com/auth/cloud-platform","https://www.googleapis.com/auth/userinfo.email"]}},"tags":["http-server","https-server"],"zone":"projects/123456789012/zones/europe-west1-b"},"oslogin":{"authenticate":{"sessions":{}}},"project":{"attributes":{},"numericProjectId":123456789012,"projectId":"example-project"},"universe":{"universe-domain":"googleapis.com"}}""";
}
