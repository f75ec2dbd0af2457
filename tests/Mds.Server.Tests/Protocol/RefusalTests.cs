using System.Net;
using System.Text;
using Mds.Credentials;
using Mds.Server.Tests.Robustness;
using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary>What is refused, and how.</summary>
public sealed class RefusalTests(SampleServer server) : IClassFixture<SampleServer>
{
    private MetadataListener Listener => server.Listener;

    [Theory]
    [InlineData]
    [InlineData("Metadata-Flavor: Not Google")]
    [InlineData("Metadata-Flavor: google")]
    [InlineData("Metadata-Flavor:")]
    [InlineData("Metadata-Flavor: Google", "Metadata-Flavor: Google")]
    [InlineData("X-Google-Metadata-Request: True")]
    public async Task Get_WithoutTheFlavor_IsThe403PageOfTheRealServer(params string[] headers)
    {
        const string Path = V1 + "instance/name";
        var response = await Listener.SendAsync("GET", Path, headers);

        Assert.Equal("HTTP/1.1 403 Forbidden", response.StatusLine);
        Assert.Equal(
            ["Connection", "Content-Length", "Content-Type", "Date", "Metadata-Flavor", "Server", "X-Frame-Options", "X-XSS-Protection"],
            response.Headers.Select(header => header.Key).Order(StringComparer.Ordinal));
        Assert.Equal("Google", response.Single("Metadata-Flavor"));
        Assert.Equal("text/html; charset=UTF-8", response.Single("Content-Type"));
        Assert.Equal("Metadata Server for VM", response.Single("Server"));
        Assert.Equal("close", response.Single("Connection"));
        Assert.Equal("1649", response.Single("Content-Length"));
        Assert.Contains("<title>Error 403 (Forbidden)!!1</title>", response.Body, StringComparison.Ordinal);
        Assert.Contains($"<code>{Path}</code>", response.Body, StringComparison.Ordinal);
        Assert.Contains("Missing Metadata-Flavor:Google header.", response.Body, StringComparison.Ordinal);
        Assert.Contains("That's all we know.", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/computeMetadata/")]
    [InlineData("/computeMetadata/v1/")]
    [InlineData("/computeMetadata/v1/instance/nokey")]
    [InlineData("/computeMetadata/v1/instance")]
    [InlineData("/0.1/meta-data/zone")]
    [InlineData("/nothing")]
    [InlineData("//computeMetadata/v1/?recursive=true")]
    [InlineData("//")]
    public async Task Get_AnyPathButTheRootWithoutTheFlavor_Is403(string path) =>
        Assert.Equal(403, (await Listener.SendAsync("GET", path)).Status);

    [Theory]
    [InlineData("metadata-flavor: Google")]
    [InlineData("METADATA-FLAVOR: Google")]
    public async Task Get_FlavorInAnySpellingOfItsName_IsAccepted(string header) =>
        Assert.Equal("web-1", (await Listener.SendAsync("GET", V1 + "instance/name", header)).Body);

    [Theory]
    [InlineData(V1 + "instance/name", "X-Forwarded-For: 1.2.3.4")]
    [InlineData(V1 + "instance/name", "x-forwarded-for:")]
    [InlineData("/", "X-Forwarded-For: 1.2.3.4")]
    public async Task Get_ThroughAProxy_Is403(string path, string header)
    {
        var response = await Listener.GetAsync(path, header);

        Assert.Equal("HTTP/1.1 403 Forbidden", response.StatusLine);
        Assert.StartsWith("text/html", response.Single("Content-Type"), StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-For", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("instance/nokey")]
    [InlineData("instance/id/")]
    [InlineData("instance/ID")]
    [InlineData("Instance/id")]
    [InlineData("instance/disks/99")]
    [InlineData("instance/disks/x")]
    [InlineData("instance/attributes/nokey")]
    [InlineData("instance/service-accounts/default/scopes/0")]
    [InlineData("instance/service-accounts/default/token/")]
    [InlineData("instance/service-accounts/None/")]
    [InlineData("instance/service-accounts/None/?recursive=true")]
    [InlineData("instance/service-accounts/123456789012-compute%40developer.gserviceaccount.com/")]
    [InlineData("instance%2Fid")]
    [InlineData("instance/%zz")]
    [InlineData("universe/nokey")]
    [InlineData("instance/credentials/mds-client-certificate")]
    public async Task Get_PathWithoutANode_IsThe404PageOfTheRealServer(string path)
    {
        var response = await Listener.GetAsync(V1 + path);

        var sent = V1 + path.Split('?')[0];
        Assert.Equal("HTTP/1.1 404 Not Found", response.StatusLine);
        Assert.Equal(
            ["Content-Length", "Content-Type", "Date", "Metadata-Flavor", "Server", "X-Frame-Options", "X-XSS-Protection"],
            response.Headers.Select(header => header.Key).Order(StringComparer.Ordinal));
        Assert.Equal("text/html; charset=UTF-8", response.Single("Content-Type"));
        Assert.Equal((1560 + sent.Length).ToString(), response.Single("Content-Length"));
        Assert.Contains("<title>Error 404 (Not Found)!!1</title>", response.Body, StringComparison.Ordinal);
        Assert.Contains($"The requested URL <code>{sent}</code> was not found on this server.", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("!", "%21")]
    [InlineData("$", "%24")]
    [InlineData("'", "%27")]
    [InlineData("(", "%28")]
    [InlineData(")", "%29")]
    [InlineData("*", "%2A")]
    [InlineData("*", "%2a")]
    [InlineData(",", "%2C")]
    [InlineData("@", "%40")]
    public async Task Get_CharacterThatMustNotBeEscaped_IsFoundOnlyAsItIs(string character, string escape)
    {
        const string Key = "a!$'()*,@b";
        const string Attributes = V1 + "instance/attributes/";
        await using var listener = await StartAsync($$"""{"instance": {"attributes": {"{{Key}}": "value"} } }""");

        Assert.Equal("value", (await listener.GetAsync(Attributes + Key)).Body);
        Assert.Equal("value", (await listener.GetAsync(Attributes + Key.Replace("b", "%62"))).Body);
        Assert.Equal(404, (await listener.GetAsync(Attributes + Key.Replace(character, escape))).Status);
    }

    [Theory]
    [InlineData("/0.1/meta-data/zone")]
    [InlineData("/computeMetadata/v1beta1/project/project-id")]
    public async Task Get_OldVersion_Is404(string path) =>
        Assert.Equal(404, (await Listener.GetAsync(path)).Status);

    [Theory]
    [InlineData("/computeMetadata/v1beta1/project/project-id")]
    [InlineData("/computeMetadata/v1beta1/project/project-id", "Metadata-Flavor: Google")]
    [InlineData("/computeMetadata/v1beta1")]
    [InlineData("/0.1/meta-data/zone")]
    [InlineData("/0.1/")]
    public async Task Get_OldVersionSwitchedOff_Is403AndSaysWhatToUse(string path, params string[] headers)
    {
        await using var listener = await StartAsync("""{"instance": {"attributes": {"disable-legacy-endpoints": "TRUE"}}}""");

        var response = await listener.SendAsync("GET", path, headers);

        Assert.Equal("HTTP/1.1 403 Forbidden", response.StatusLine);
        Assert.Contains(
            $"Legacy metadata endpoint accessed: {path}\nLegacy metadata endpoints are disabled. Please use the /v1/ endpoint.",
            response.Body,
            StringComparison.Ordinal);
        Assert.Equal(403, (await listener.SendAsync("GET", V1 + "project/project-id")).Status);
    }

    [Theory]
    [InlineData("/computeMetadata/v1beta1/project/project-id", "p1")]
    [InlineData("/computeMetadata/v1beta1/instance/attributes/?recursive=true", """{"disable-legacy-endpoints":"FALSE"}""")]
    [InlineData("/0.1/", "meta-data/\n")]
    [InlineData("/0.1/meta-data/", "attributes/\ndescription\ninstance-id\nproject-id\ntags\nzone\n")]
    [InlineData("/0.1/meta-data/zone", "projects/1/zones/z")]
    [InlineData("/0.1/meta-data/attributes/disable-legacy-endpoints", "FALSE")]
    public async Task Get_OldVersionSwitchedOn_AnswersWithoutTheHeader(string path, string body)
    {
        await using var listener = await StartAsync("""
            {"project": {"projectId": "p1"},
             "instance": {"id": 1, "zone": "projects/1/zones/z", "attributes": {"disable-legacy-endpoints": "FALSE"}}}
            """);

        var response = await listener.SendAsync("GET", path);

        Assert.Equal((200, body), (response.Status, response.Body));
        Assert.Equal(403, (await listener.SendAsync("GET", path, "X-Forwarded-For: 1.2.3.4")).Status);
        Assert.Equal(403, (await listener.SendAsync("GET", V1 + "project/project-id")).Status);
        Assert.Equal(403, (await listener.SendAsync("GET", "/computeMetadata//v1beta1/project/project-id")).Status);
    }

    // No client of 0.1 that is still in use asks for tokens there; that they stay behind the header matters more.
    [Theory]
    [InlineData("service-accounts")]
    [InlineData("service-accounts/")]
    [InlineData("service-accounts/default/token")]
    [InlineData("service-accounts/default/acquire")]
    public async Task Get_TokenOfTheOldestVersion_Is404ThoughThereIsAnAccount(string path)
    {
        await using var listener = await StartAsync(
            """
            {"instance": {"attributes": {"disable-legacy-endpoints": "FALSE"}, "serviceAccounts": {"default": {"email": "app@p1.test"}}}}
            """,
            new CredentialSet([new TokenCache("default", RecordingSource.Answering(TimeProvider.System), TimeProvider.System)]));

        Assert.Equal(404, (await listener.GetAsync("/0.1/meta-data/" + path)).Status);
        Assert.Equal("attributes/\ndescription\ntags\n", (await listener.GetAsync("/0.1/meta-data/")).Body);
        Assert.Equal(200, (await listener.GetAsync(V1 + "instance/service-accounts/default/token")).Status);
    }

    // What google-guest-agent asks for at every start.
    [Theory]
    [InlineData("config-status")]
    [InlineData("trust-anchors")]
    [InlineData("workload-identities")]
    public async Task Get_WorkloadCertificatesThatWereNeverConfigured_Is412(string key)
    {
        var response = await Listener.GetAsync(V1 + "instance/gce-workload-certificates/" + key);

        Assert.Equal("HTTP/1.1 412 Precondition Failed", response.StatusLine);
        Assert.Equal(("Google", "text/html; charset=UTF-8"), (response.Single("Metadata-Flavor"), response.Single("Content-Type")));
        Assert.False(response.Has("ETag"));
    }

    // Kestrel refuses it before anything else sees it, with an answer that is changed on its way.
    [Theory]
    [InlineData(V1 + "instance/name", "Host: one", "Host: two")]
    [InlineData(V1 + "instance/name", "Host: a b")]
    [InlineData(V1 + "instance/%00")]
    [InlineData(V1 + "instance/\u00fc")]
    public async Task Get_WhatIsNoHttp_Is400AndEndsTheConnection(string target, params string[] headers)
    {
        var response = await Listener.GetAsync(target, headers);

        Assert.Equal("HTTP/1.1 400 Bad Request", response.StatusLine);
        Assert.Equal("close", response.Single("Connection"));
        Assert.Equal(("Google", "Metadata Server for VM"), (response.Single("Metadata-Flavor"), response.Single("Server")));
        Assert.Equal("text/html; charset=UTF-8", response.Single("Content-Type"));
        Assert.Contains("<title>Error 400 (Bad Request)!!1</title>", response.Body, StringComparison.Ordinal);
    }

    // As first request and as a later one; what follows it is not answered.
    [Theory]
    [InlineData("GET /\nHTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n")]
    [InlineData("GET /\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET /computeMetadata/v1/instance/name HTTP/1.1\r\nMetadata-Flavor: Google\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\r\n\r\n")]
    public async Task Send_WithoutAVersionOfHttpOrAHost_Is400AndEndsTheConnection(string request)
    {
        const string Good = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
        foreach (var before in new[] { "", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", Good })
        {
            var received = await RawExchange.SendAsync(
                new IPEndPoint(IPAddress.Loopback, Listener.Port), Encoding.Latin1.GetBytes(before + request + Good), Timeout.InfiniteTimeSpan);

            Assert.Null(RawExchange.Fault(received));
            var answers = received.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(before.Length == 0 ? 1 : 2, answers.Length);
            Assert.StartsWith("400 Bad Request\r\n", answers[^1]);
            Assert.EndsWith("That's all we know.</ins>\n", answers[^1]);
        }
    }

    [Fact]
    public async Task Head_WhatIsNoHttp_HasNoBody()
    {
        var response = await Listener.SendAsync("HEAD", V1 + "instance/name", "Host: one", "Host: two");

        Assert.Equal((400, ""), (response.Status, response.Body));
        Assert.NotEqual("0", response.Single("Content-Length"));
    }

    [Fact]
    public async Task Get_PathWithMarkup_IsShownAsText()
    {
        var response = await Listener.GetAsync(V1 + "<script>alert(1)</script>");

        Assert.Equal(404, response.Status);
        Assert.DoesNotContain("<script>", response.Body, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", response.Body, StringComparison.Ordinal);
    }

    // Who may not ask learns nothing of how the server stands, and clients do not take a refusal for a server that starts.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Get_BeforeThereAreClaims_IsRefusedAsAfterwards(bool fastLane)
    {
        await using var listener = await MetadataListener.StartAsync("{}", null, null, "localhost");
        (listener.HasClaims, listener.AllowsFastLane) = (false, fastLane);

        Assert.Equal((403, "flavor"), await AskAsync());
        Assert.Equal((403, "flavor"), await AskAsync("Metadata-Flavor: google"));
        Assert.Equal((403, "forwarded-for"), await AskAsync("Metadata-Flavor: Google", "X-Forwarded-For: 10.0.0.1"));
        Assert.Equal((403, "host"), await AskAsync("Metadata-Flavor: Google", "Host: elsewhere.test"));
        Assert.Equal((503, "not-loaded"), await AskAsync("Metadata-Flavor: Google"));
        Assert.Equal(fastLane ? 5 : 0, listener.RequestsOnTheLane);
        foreach (var directory in new[] { "/", "/computeMetadata/v1", V1, V1 + "instance", V1 + "instance/attributes" })
        {
            Assert.Equal((directory, 503), (directory, (await listener.GetAsync(directory)).Status));
        }

        Assert.Equal(503, (await listener.SendAsync("GET", "/")).Status);

        async Task<(int, string?)> AskAsync(params string[] headers)
        {
            var answer = await listener.SendAsync("GET", V1 + "instance/name", headers);
            return (answer.Status, (await listener.OutcomeAsync()).Refusal);
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    public async Task Send_MethodThatWrites_Is405AndSaysWhatIsAllowed(string method)
    {
        var response = await Listener.SendAsync(method, V1 + "instance/name", "Metadata-Flavor: Google", "Content-Length: 0");

        Assert.Equal("HTTP/1.1 405 Method Not Allowed", response.StatusLine);
        Assert.Equal("GET, HEAD", response.Single("Allow"));
        Assert.Equal("Google", response.Single("Metadata-Flavor"));
    }
}
