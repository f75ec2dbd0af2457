using System.Net;
using System.Text.Json.Nodes;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Admin.Api;

public sealed class ClaimsResourceTests
{
    private const string Attribute = "/computeMetadata/v1/instance/attributes/colour";

    [Fact]
    public async Task Patch_AKey_ChangesThatAndNothingElse()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (status, body) = await server.AskAsync("PATCH", "claims", """{"instance": {"attributes": {"colour": "red"}}}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("red", (string?)body["instance"]!["attributes"]!["colour"]);
        Assert.Equal("red", (await server.GetAsync(Attribute)).Body);
        Assert.Equal("sample-cluster", (await server.GetAsync("/computeMetadata/v1/instance/attributes/cluster-name")).Body);
    }

    [Fact]
    public async Task Patch_Null_TakesTheKeyAway()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        await server.AskAsync("PATCH", "claims", """{"instance": {"attributes": {"cluster-name": null}}}""");

        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("/computeMetadata/v1/instance/attributes/cluster-name")).Status);
    }

    [Fact]
    public async Task Put_Claims_TakeThePlaceOfAllUntilDelete()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("claims.json", """{"project": {"projectId": "file"}, "instance": {"name": "n"}}""");
        await using var server = await StartedServer.StartAsync(new ServerSettings { ConfigFile = file });

        await server.AskAsync("PUT", "claims", """{"project": {"projectId": "put"}}""");

        Assert.Equal("put", await server.ProjectIdAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("/computeMetadata/v1/instance/name")).Status);

        var (status, body) = await server.AskAsync("DELETE", "claims");

        Assert.Equal((HttpStatusCode.OK, "file"), (status, (string?)body["project"]!["projectId"]));
        Assert.Equal(("file", "n"), (await server.ProjectIdAsync(), (await server.GetAsync("/computeMetadata/v1/instance/name")).Body));
    }

    [Fact]
    public async Task Patch_BeforeTheFileChanges_StaysOnTopOfTheNewFile()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("claims.json", """{"project": {"projectId": "one"}, "instance": {"attributes": {"colour": "blue"}}}""");
        await using var server = await StartedServer.StartAsync(new ServerSettings { ConfigFile = file });
        await server.AskAsync("PATCH", "claims", """{"instance": {"attributes": {"colour": "red"}}}""");

        folder.RenameOver("claims.json", """{"project": {"projectId": "two"}, "instance": {"attributes": {"colour": "green"}}}""");

        await Eventually.TrueAsync(async () => await server.ProjectIdAsync() == "two", "the new file is served");
        Assert.Equal("red", (await server.GetAsync(Attribute)).Body);

        await server.AskAsync("DELETE", "claims");

        Assert.Equal("green", (await server.GetAsync(Attribute)).Body);
    }

    [Fact]
    public async Task Patch_OverVariablesAndGuestAttributes_ComesBetweenThem()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Overrides = new OverrideSettings("variable") });
        await server.AskAsync("PATCH", "claims", """
            {"project": {"projectId": "patched"},
             "instance": {"attributes": {"enable-guest-attributes": "TRUE"}, "guestAttributes": {"ns": {"key": "patched", "other": "patched"}}}}
            """);
        using var written = await server.Metadata.PutAsync(
            "/computeMetadata/v1/instance/guest-attributes/ns/key", new StringContent("written"), TestContext.Current.CancellationToken);

        Assert.Equal("patched", await server.ProjectIdAsync());
        Assert.Equal("written", (await server.GetAsync("/computeMetadata/v1/instance/guest-attributes/ns/key")).Body);
        Assert.Equal("patched", (await server.GetAsync("/computeMetadata/v1/instance/guest-attributes/ns/other")).Body);
    }

    // What recursion leaves out is in the document too: who changes a copy of it and sends it back loses nothing.
    [Fact]
    public async Task Put_WhatGetGave_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("claims.json", """
            {
              "project": {"projectId": "p", "numericProjectId": 18446744073709551615},
              "instance": {
                "id": 4520031799277581759, "creationTimestamp": 1700000000, "confidentiality": 1,
                "attributes": {"enable-oslogin": "TRUE", "enable-guest-attributes": "TRUE"},
                "guestAttributes": {"ns": {"given": "1"}},
                "serviceAccounts": {"default": {"email": "a@p.iam.gserviceaccount.com"}, "b@p.iam.gserviceaccount.com": {"scopes": []}}
              },
              "oslogin": {"users": [{"name": "1", "posixAccounts": [{"username": "ada", "uid": "1001"}]}], "authorize": {"login": ["a@example.test"]}}
            }
            """);
        await using var server = await StartedServer.StartAsync(new ServerSettings { ConfigFile = file, Overrides = new OverrideSettings("variable") });
        await server.AskAsync("POST", "events", """{"kind": "preemption", "in": 0, "for": "1h"}""");
        using var written = await server.Metadata.PutAsync(
            "/computeMetadata/v1/instance/guest-attributes/ns/written", new StringContent("2"), TestContext.Current.CancellationToken);
        var served = await ServedAsync();

        var (_, document) = await server.AskAsync("GET", "claims");
        var (status, answer) = await server.AskAsync("PUT", "claims", document.ToJsonString());

        Assert.Equal((HttpStatusCode.OK, document.ToJsonString()), (status, answer.ToJsonString()));
        Assert.Equal(served, await ServedAsync());
        Assert.Equal("1700000000", document["instance"]!["creationTimestamp"]!.ToJsonString());
        Assert.Equal("FALSE", (string?)document["instance"]!["preempted"]);
        Assert.Null(document["instance"]!["guestAttributes"]!["ns"]!["written"]);

        // Of the document itself and no more the file's.
        folder.RenameOver("claims.json", """{"project": {"projectId": "other"}}""");
        await Eventually.TrueAsync(
            () => server.Log.Lines.Any(line => line.Message.Contains("are in use now", StringComparison.Ordinal)), "the file was read again");
        Assert.Equal(served, await ServedAsync());

        async Task<string> ServedAsync() => string.Join('\n',
            (await server.GetAsync("/computeMetadata/v1/?recursive=true")).Body,
            (await server.GetAsync("/computeMetadata/v1/oslogin/users?username=ada")).Body,
            (await server.GetAsync("/computeMetadata/v1/oslogin/authorize?email=a@example.test&policy=login")).Body);
    }

    [Theory]
    [InlineData("PATCH", """{"instance": {"tags": "a", "attributes": {"b": 1}}}""", "$.instance.attributes.b", "$.instance.tags")]
    [InlineData("PUT", """{"instance": {"tags": "a"}, "project": {"numericProjectId": "x"}}""", "$.instance.tags", "$.project.numericProjectId")]
    [InlineData("PATCH", """{"instance": {"serviceAccounts": {"default": {"email": "default/token"}}}}""", "$.instance.serviceAccounts.default.email")]
    [InlineData("PUT", """{"instance": {"serviceAccounts": {"default": {"email": "a\n"}}}}""", "$.instance.serviceAccounts.default.email")]
    [InlineData("PATCH", """{"instance":""", "$")]
    [InlineData("PATCH", """["instance"]""", "$")]
    [InlineData("PUT", "", "$")]
    public async Task Write_WhatDoesNotFit_ChangesNothingAndNamesEachPlace(string method, string body, params string[] paths)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (status, answer) = await server.AskAsync(method, "claims", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(paths, answer.Errors().Select(error => error.Path).Order());
        Assert.Equal("mds-sample", await server.ProjectIdAsync());
        Assert.Equal(HttpStatusCode.Created, (await server.AskAsync("POST", "events", """{"kind": "preemption"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync("PATCH", "claims", """{"project": {"projectId": "next"}}""")).Status);
        Assert.Equal(("next", "TRUE"), (await server.ProjectIdAsync(), (await server.GetAsync("/computeMetadata/v1/instance/preempted")).Body));
    }

    [Fact]
    public async Task Patch_WhileSomebodyWaits_WakesThem()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        var waiting = server.GetAsync("/computeMetadata/v1/instance/attributes/?recursive=true&wait_for_change=true");
        await Eventually.TrueAsync(() => server.Server.State.Metadata.WaiterCount == 1, "the request waits");

        await server.AskAsync("PATCH", "claims", """{"instance": {"attributes": {"colour": "red"}}}""");

        var (status, body) = await waiting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "red"), (status, (string?)JsonNode.Parse(body)!["colour"]));
    }

    [Fact]
    public async Task Patch_AnAccount_KeepsItsTokensAndChangesTheirDefault()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] });

        await server.AskAsync("PATCH", "claims", """{"instance": {"serviceAccounts": {"default": {"email": "new@p.iam.gserviceaccount.com"}}}}""");

        Assert.Equal("new@p.iam.gserviceaccount.com", (string?)(await server.CredentialStatusAsync())["principal"]);
        Assert.Equal(HttpStatusCode.OK, (await server.TokenAsync("new@p.iam.gserviceaccount.com")).Status);
    }
}
