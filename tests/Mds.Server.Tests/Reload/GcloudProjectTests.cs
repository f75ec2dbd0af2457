using System.Net;
using Mds.Server.CredentialKinds;
using Mds.Server.Reload;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Server.Tests.Reload;

/// <summary>With a program in gcloud's place that prints what gcloud prints.</summary>
public sealed class GcloudProjectTests : IDisposable
{
    private const string Attributes = "/computeMetadata/v1/project/attributes/";
    private const string Configuration = "configurations/config_default";
    private const string Login = "[core]\naccount = me@example.com\nproject = ";

    private static readonly string Program = Repository.PathOf("tests/Mds.Server.Tests/Reload/gcloud");

    private readonly TemporaryFolder _folder = new();

    public GcloudProjectTests()
    {
        Directory.CreateDirectory(_folder.File("configurations"));
        _folder.Write(Configuration, Login + "project-one\n");
        WriteProject("project-one", "111222333444", """{"key": "common", "value": "1"}, {"key": "ssh-keys", "value": "me:ssh-ed25519 AAAAkey"}, {"key": "theirs"}""");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Claims_OfTheProject_AreServedWithTheFilesOverThemAndFollowTheConfiguration()
    {
        WriteProject("project-two", "555666777888", null);
        _folder.Write("claims.json", """{"project": {"attributes": {"own": "yes", "theirs": null}}, "instance": {"description": "mine"}}""");
        await using var server = await StartedServer.StartAsync(Settings with { ConfigFile = _folder.File("claims.json") });

        Assert.Equal("project-one", await server.ProjectIdAsync());
        Assert.Equal("111222333444", (await server.GetAsync("/computeMetadata/v1/project/numeric-project-id")).Body);
        Assert.Equal("common\nown\nssh-keys\n", (await server.GetAsync(Attributes)).Body);
        Assert.Equal("me:ssh-ed25519 AAAAkey", (await server.GetAsync(Attributes + "ssh-keys")).Body);
        Assert.Equal("mine", (await server.GetAsync("/computeMetadata/v1/instance/description")).Body);
        Assert.Equal($"{_folder.File("claims.json")} over gcloud's project", (string?)(await server.StatusAsync())["claims"]!["source"]);

        _folder.RenameOver(Configuration, Login + "project-two\n");

        await Eventually.TrueAsync(async () => await server.ProjectIdAsync() == "project-two", "the other project is served");
        Assert.Equal("555666777888", (await server.GetAsync("/computeMetadata/v1/project/numeric-project-id")).Body);
        Assert.Equal("own\n", (await server.GetAsync(Attributes)).Body);
        Assert.Empty(server.Log.Errors);
        Assert.DoesNotContain(server.Log.Lines, line => line.Message.Contains("AAAAkey", StringComparison.Ordinal));
    }

    // gcloud config configurations create work, and then gcloud config set account.
    [Fact]
    public async Task Credential_ConfigurationMadeLater_IsFollowedToo()
    {
        var settings = new GcloudSettings("default", null, _folder.Path) { Program = Program };
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [settings] });
        Assert.Equal("me@example.com", await PrincipalAsync());

        _folder.Write("configurations/config_work", "[core]\naccount = first@example.com\n");
        _folder.Write("active_config", "work");
        await Eventually.TrueAsync(async () => await PrincipalAsync() == "first@example.com", "the new configuration is used");

        _folder.RenameOver("configurations/config_work", "[core]\naccount = second@example.com\n");
        await Eventually.TrueAsync(async () => await PrincipalAsync() == "second@example.com", "its change is noticed");

        async Task<string?> PrincipalAsync() => (string?)(await server.CredentialStatusAsync())["principal"];
    }

    [Fact]
    public async Task Claims_NoFile_AreThoseOfTheSampleMachineInTheProject()
    {
        await using var server = await StartedServer.StartAsync(Settings with { Credentials = [new StaticSettings("app@project-one.iam.gserviceaccount.com", "fixed")] });

        Assert.Equal("project-one", await server.ProjectIdAsync());
        Assert.Equal("1", (await server.GetAsync(Attributes + "common")).Body);
        Assert.Equal("sample-1", (await server.GetAsync("/computeMetadata/v1/instance/name")).Body);
        Assert.DoesNotContain("sample@", (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/")).Body, StringComparison.Ordinal);
        Assert.Equal("fixed", await server.AccessTokenAsync("app@project-one.iam.gserviceaccount.com"));
    }

    [Fact]
    public async Task Claims_GcloudFails_LastOnesStayUntilItAnswersAgain()
    {
        var time = new ManualTime();
        await using var server = await StartedServer.StartAsync(Settings, time);
        _folder.Write("error.txt", "ERROR: gcloud crashed (TransportError): no network\n");

        time.Advance(GcloudProjectClaims.Interval);

        await Eventually.TrueAsync(async () => (bool?)(await server.StatusAsync())["claims"]!["valid"] == false, "the status says so");
        Assert.Equal(
            "gcloud compute project-info failed: ERROR: gcloud crashed (TransportError): no network.", (string?)(await server.StatusAsync())["claims"]!["error"]);
        Assert.Matches("(?m)^mds_claims_valid(\\{.*\\})? 0$", await server.MetricsAsync());
        Assert.Contains("gcloud compute project-info failed", Assert.Single(server.Log.Errors));
        Assert.Equal("1", (await server.GetAsync(Attributes + "common")).Body);

        File.Delete(_folder.File("error.txt"));
        WriteProject("project-one", "111222333444", """{"key": "common", "value": "2"}""");
        time.Advance(GcloudProjectClaims.Interval);

        await Eventually.TrueAsync(async () => (await server.GetAsync(Attributes + "common")).Body == "2", "what it says now is served");
        Assert.True((bool?)(await server.StatusAsync())["claims"]!["valid"]);
    }

    [Theory]
    [InlineData("", "", "The configuration \"default\" of gcloud has no account. Log in: gcloud auth login --configuration=default.")]
    [InlineData("[core]\naccount = a@b\n", "", "The configuration \"default\" of gcloud has no project. Set one: gcloud config set project PROJECT --configuration=default.")]
    [InlineData(
        Login + "project-one\n",
        "ERROR: (gcloud.compute.project-info.describe) You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login\n",
        "gcloud compute project-info failed: ERROR: (gcloud.compute.project-info.describe) You do not currently have an active account selected. Log in again: gcloud auth login.")]
    [InlineData(
        Login + "project-one\n",
        "ERROR: (gcloud.compute.project-info.describe) Could not fetch resource:\n - Compute Engine API has not been used in project 1 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/compute.googleapis.com/overview?project=1 then retry.\n",
        "gcloud compute project-info failed: ERROR: (gcloud.compute.project-info.describe) Could not fetch resource: Compute Engine API has not been used in project 1 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/compute.googleapis.com/overview?project=1 then retry. Enable it: gcloud services enable compute.googleapis.com.")]
    public async Task Start_GcloudCannotTell_RefusedSayingWhatToDo(string configuration, string error, string sentence)
    {
        _folder.Write(Configuration, configuration);
        if (error.Length > 0)
        {
            _folder.Write("error.txt", error);
        }

        var exception = await Assert.ThrowsAsync<StartException>(() => StartedServer.StartAsync(Settings));

        Assert.Equal($"The claims (-gcloudProjectAttributes) cannot be used. {sentence}", Assert.Single(exception.Errors));
    }

    [Fact]
    public async Task Start_NoGcloud_RefusedOrDegraded()
    {
        var settings = Settings with { GcloudProject = Gcloud with { Program = _folder.File("none") } };

        var exception = await Assert.ThrowsAsync<StartException>(() => StartedServer.StartAsync(settings));

        Assert.EndsWith("Install the Google Cloud CLI, and see that it is on PATH.", Assert.Single(exception.Errors));
        await using var server = await StartedServer.StartAsync(settings with { StartDegraded = true });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Attributes)).Status);
    }

    [Fact]
    public async Task Start_AnswerThatCannotBeRead_RefusedWithoutQuotingIt()
    {
        WriteProject("project-one", "many", """{"key": "ssh-keys", "value": "AAAAkey"}""");

        var exception = await Assert.ThrowsAsync<StartException>(() => StartedServer.StartAsync(Settings));

        Assert.Equal(
            "The claims (-gcloudProjectAttributes) cannot be used. gcloud did not describe the project project-one in a form that can be read; gcloud components update may help.",
            Assert.Single(exception.Errors));
    }

    private GcloudSettings Gcloud => new("default", null, _folder.Path) { Program = Program };

    private ServerSettings Settings => new() { GcloudProject = Gcloud };

    // The members that the server has no use for are some of those that gcloud prints besides (docs: compute projects.get, cloudresourcemanager v1).
    private void WriteProject(string id, string number, string? items)
    {
        _folder.Write(
            $"{id}.compute.json",
            $$"""{"commonInstanceMetadata": {"fingerprint": "x"{{(items is null ? "" : $", \"items\": [{items}]")}}, "kind": "compute#metadata"}, "id": "987", "kind": "compute#project", "name": "{{id}}"}""");
        _folder.Write($"{id}.project.json", $$"""{"lifecycleState": "ACTIVE", "projectId": "{{id}}", "projectNumber": "{{number}}"}""");
    }
}
