using System.Runtime.InteropServices;
using Mds.Server.CommandLine;
using Mds.Server.Listeners;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests;

public sealed class ProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_Help_PrintsItAndSucceeds() =>
        Assert.Equal((0, HelpText.Render(), ""), await ServerProcess.RunAsync("--help"));

    [Fact]
    public async Task Run_Version_PrintsItAndSucceeds() =>
        Assert.Equal((0, $"mds-server {ServerVersion.Text}\n", ""), await ServerProcess.RunAsync("-version"));

    [Fact]
    public async Task Run_UnknownSwitch_NamesItAndExitsWithTwo() => Assert.Equal(
        (2, "", "mds-server: There is no switch -prot. Did you mean -port? See mds-server --help.\n"),
        await ServerProcess.RunAsync("-prot", "80"));

    [Fact]
    public async Task Run_PortInUse_NamesTheSwitchAndExitsWithOne()
    {
        using var other = BoundListener.Bind(ListenerKind.Metadata, ListenerSettings.DefaultMetadata with { Port = 0 });

        var (exitCode, output, errors) = await ServerProcess.RunAsync("-port", $"{other.Port}");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"mds-server: Port {other.Port} of 127.0.0.1 is in use by another process.", errors);
        Assert.Contains("-port", errors);
    }

    [Fact]
    public async Task Run_MissingFiles_NamesBothAndExitsWithOne()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync("-port=0", "-configFile=/nowhere/c.json", "-serviceAccountFile=/nowhere/k.json");

        Assert.Equal(1, exitCode);
        Assert.Equal(
            "mds-server: The claims (-configFile) cannot be used. The file /nowhere/c.json does not exist.\n"
            + "mds-server: The credential of the account \"default\" cannot be used. The file /nowhere/k.json does not exist.\n",
            errors);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task Run_LocalAndSignal_ServesATokenThenStopsWithZero(PosixSignal signal)
    {
        await using var process = ServerProcess.Start(["-local", "-port", "0"]);
        var address = await process.ListeningAsync();
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");

        var token = await client.GetStringAsync("/computeMetadata/v1/instance/service-accounts/default/token", Cancellation);
        await process.SignalAsync(signal);

        Assert.StartsWith("{\"access_token\":\"", token);
        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Contains($"export GCE_METADATA_HOST={address.Authority}\n", process.Output);
        Assert.DoesNotContain(token.Split('"')[3], process.Output + process.Errors);
    }

    [Fact]
    public async Task Run_SettingsFileAndVolumeSwap_ServesTheChange()
    {
        using var folder = new TemporaryFolder();
        folder.WriteVolume(("claims.json", """{"project": {"projectId": "one"}}"""));
        using var settingsFolder = new TemporaryFolder();
        var settings = settingsFolder.Write("settings.json", $$"""{"configFile": "{{folder.File("claims.json")}}", "port": ":0", "metricsPort": 0}""");
        await using var process = ServerProcess.Start(["-settings", settings], ("MDS_accessLog", "stderr"));
        using var client = new HttpClient { BaseAddress = await process.ListeningAsync() };
        client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        Assert.Equal("one", await client.GetStringAsync("/computeMetadata/v1/project/project-id", Cancellation));

        folder.WriteVolume(("claims.json", """{"project": {"projectId": "two"}}"""));

        await Eventually.TrueAsync(
            async () => await client.GetStringAsync("/computeMetadata/v1/project/project-id", Cancellation) == "two", "the change is served");
        // Not a terminal: JSON, one object a line, requests included at this level.
        await Eventually.TrueAsync(() => process.Errors.Contains("/computeMetadata/v1/project/project-id", StringComparison.Ordinal), "requests are logged");
        Assert.All(process.Errors.TrimEnd('\n').Split('\n'), line => System.Text.Json.Nodes.JsonNode.Parse(line));
    }

    [Fact]
    public async Task Run_GoogleVariables_GiveTokensAndClaims()
    {
        await using var process = ServerProcess.Start(
            ["-port", "0"],
            ("GOOGLE_PROJECT_ID", "given"), ("GOOGLE_ACCESS_TOKEN", "given-access-token"), ("GOOGLE_ID_TOKEN", "given-id-token"));
        using var client = new HttpClient { BaseAddress = await process.ListeningAsync() };
        client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");

        Assert.Equal("given", await client.GetStringAsync("/computeMetadata/v1/project/project-id", Cancellation));
        Assert.Contains("given-access-token", await client.GetStringAsync("/computeMetadata/v1/instance/service-accounts/default/token", Cancellation));
        Assert.Equal("given-id-token", await client.GetStringAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=a", Cancellation));
        Assert.DoesNotContain("given-access-token", process.Output + process.Errors);
    }
}
