using System.Net;
using Mds.Server.Reload;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Reload;

public sealed class ClaimsReloadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Claims_Rewritten_AreServed()
    {
        await using var server = await StartAsync(_folder.Write("claims.json", Claims("one")));
        Assert.Equal("one", await server.ProjectIdAsync());

        _folder.Write("claims.json", Claims("two"));

        await ServedAsync(server, "two");
        Assert.Contains("mds_reloads_total{file=\"claims\",result=\"success\"} ", await server.MetricsAsync());
    }

    [Fact]
    public async Task Claims_RenamedOver_AreServed()
    {
        await using var server = await StartAsync(_folder.Write("claims.json", Claims("one")));

        _folder.RenameOver("claims.json", Claims("two"));

        await ServedAsync(server, "two");
    }

    [Fact]
    public async Task Claims_SwappedAsAVolume_AreServedEachTime()
    {
        _folder.WriteVolume(("claims.json", Claims("one")));
        await using var server = await StartAsync(_folder.File("claims.json"));
        Assert.Equal("one", await server.ProjectIdAsync());

        _folder.WriteVolume(("claims.json", Claims("two")));
        await ServedAsync(server, "two");
        _folder.WriteVolume(("claims.json", Claims("three")));
        await ServedAsync(server, "three");

        Assert.Empty(server.Log.Errors);
    }

    // No event comes from the folder that a link leads to; looking now and then finds the change.
    [Fact]
    public async Task Claims_BehindALinkIntoAnotherFolder_AreServed()
    {
        using var elsewhere = new TemporaryFolder();
        File.CreateSymbolicLink(_folder.File("claims.json"), elsewhere.Write("real.json", Claims("one")));
        await using var server = await StartAsync(_folder.File("claims.json"));

        elsewhere.Write("real.json", Claims("two"));

        await ServedAsync(server, "two");
    }

    [Fact]
    public async Task Claims_HalfWritten_KeepTheLastGoodAndSayWhere()
    {
        var file = _folder.Write("claims.json", Claims("one"));
        await using var server = await StartAsync(file);
        var hash = (string?)(await server.StatusAsync())["claims"]!["hash"];

        // Renamed into place: a write in place can be seen empty first, which is another error and another line of the log.
        _folder.RenameOver("claims.json", "{\n  \"project\": {\"projectId\": \"tw");
        await Eventually.TrueAsync(async () => !(bool)(await server.StatusAsync())["claims"]!["valid"]!, "the status says so");

        Assert.Equal("one", await server.ProjectIdAsync());
        var claims = (await server.StatusAsync())["claims"]!;
        Assert.Equal(hash, (string?)claims["hash"]);
        Assert.Contains($"{file}: line 2, column ", (string?)claims["error"]);
        Assert.Contains(file, Assert.Single(server.Log.Errors));
        var metrics = await server.MetricsAsync();
        Assert.Contains("mds_reloads_total{file=\"claims\",result=\"failure\"} 1\n", metrics);
        Assert.Contains("mds_claims_valid 0\n", metrics);

        _folder.Write("claims.json", Claims("two"));

        await ServedAsync(server, "two");
        claims = (await server.StatusAsync())["claims"]!;
        Assert.True((bool)claims["valid"]!);
        Assert.Null((string?)claims["error"]);
    }

    [Fact]
    public async Task Claims_WrongType_NameTheJsonPath()
    {
        await using var server = await StartAsync(_folder.Write("claims.json", Claims("one")));

        _folder.RenameOver("claims.json", """{"project": {"projectId": ["two"]}}""");

        await Eventually.TrueAsync(() => server.Log.Errors.Any(), "an error is logged");
        Assert.Contains("$.project.projectId", Assert.Single(server.Log.Errors));
        Assert.Equal("one", await server.ProjectIdAsync());
    }

    [Fact]
    public async Task Claims_Vanished_KeepTheLastGoodUntilTheyAppearAgain()
    {
        var file = _folder.Write("claims.json", Claims("one"));
        await using var server = await StartAsync(file);

        File.Delete(file);
        await Eventually.TrueAsync(
            async () => (string?)(await server.StatusAsync())["claims"]!["error"] == $"The file {file} does not exist.", "the status says so");
        Assert.Equal("one", await server.ProjectIdAsync());

        _folder.Write("claims.json", Claims("two"));

        await ServedAsync(server, "two");
    }

    [Theory]
    [InlineData("{\n  nonsense", "line 2, column 3")]
    [InlineData("[]", "$")]
    [InlineData("""{"instance": {"tags": "seven"}}""", "$.instance.tags")]
    public async Task Start_BrokenClaims_IsRefusedWithTheirPlace(string claims, string place)
    {
        var file = _folder.Write("claims.json", claims);

        var exception = await Assert.ThrowsAsync<StartException>(() => StartAsync(file));

        var error = Assert.Single(exception.Errors);
        Assert.StartsWith($"The claims (-configFile) cannot be used. {file}: ", error);
        Assert.Contains(place, error);
    }

    [Fact]
    public async Task Start_DegradedWithoutClaims_AnswersUnavailableUntilTheyAppear()
    {
        var file = _folder.File("claims.json");
        await using var server = await StartedServer.StartAsync(new ServerSettings { ConfigFile = file, StartDegraded = true });

        using (var answer = await server.Metadata.GetAsync("/computeMetadata/v1/project/project-id", TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("Metadata Server for VM", answer.Headers.NonValidated["Server"].ToString());
        }

        using (var ready = await server.Admin.GetAsync("/readyz", TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }

        Assert.Equal($"The file {file} does not exist.", (string?)(await server.StatusAsync())["claims"]!["error"]);

        _folder.Write("claims.json", Claims("one"));

        await ServedAsync(server, "one");
        using var readyNow = await server.Admin.GetAsync("/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, readyNow.StatusCode);
    }

    [Fact]
    public async Task Start_WithOverrides_TheyReplaceTheClaimsAfterEachReload()
    {
        var settings = new ServerSettings
        {
            ConfigFile = _folder.Write("claims.json", Claims("one")),
            Overrides = new OverrideSettings("override", 42, "me@override.iam.gserviceaccount.com"),
        };
        await using var server = await StartedServer.StartAsync(settings);

        _folder.Write("claims.json", """{"project": {"projectId": "two"}, "instance": {"name": "changed"}}""");
        await Eventually.TrueAsync(async () => (await server.GetAsync("/computeMetadata/v1/instance/name")).Body == "changed", "the change is served");

        Assert.Equal("override", await server.ProjectIdAsync());
        Assert.Equal("42", (await server.GetAsync("/computeMetadata/v1/project/numeric-project-id")).Body);
        Assert.Equal(
            "me@override.iam.gserviceaccount.com",
            (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/email")).Body);
    }

    [Fact]
    public async Task GuestAttributes_WrittenAndDeleted_SurviveAReloadOfTheClaims()
    {
        const string Path = "/computeMetadata/v1/instance/guest-attributes/";
        string Claims(string name) => $$"""
            {"instance": {"name": "{{name}}", "attributes": {"enable-guest-attributes": "TRUE"},
             "guestAttributes": {"given": {"first": "1", "second": "2"} } } }
            """;
        await using var server = await StartAsync(_folder.Write("claims.json", Claims("one")));
        using (var put = await server.Metadata.PutAsync(Path + "testing/key", new StringContent("value"), TestContext.Current.CancellationToken))
        using (var delete = await server.Metadata.DeleteAsync(Path + "given/first", TestContext.Current.CancellationToken))
        {
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (put.StatusCode, delete.StatusCode));
        }

        _folder.Write("claims.json", Claims("two"));
        await Eventually.TrueAsync(async () => (await server.GetAsync("/computeMetadata/v1/instance/name")).Body == "two", "the change is served");

        Assert.Equal(
            """{"given":{"second":"2"},"testing":{"key":"value"}}""", (await server.GetAsync(Path + "?recursive=true")).Body);
    }

    private static string Claims(string projectId) => $$"""{"project": {"projectId": "{{projectId}}", "numericProjectId": 1} }""";

    private static Task<StartedServer> StartAsync(string file) => StartedServer.StartAsync(new ServerSettings { ConfigFile = file });

    private static Task ServedAsync(StartedServer server, string projectId) =>
        Eventually.TrueAsync(async () => await server.ProjectIdAsync() == projectId, $"project {projectId} is served");
}
