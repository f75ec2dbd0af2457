using System.Text.Json.Nodes;

namespace Mds.Conformance.Tests;

/// <summary>Programs on a machine where the server has the real address: none of them is given a variable.</summary>
public sealed class RealMachineTests(RealMachine machine) : IClassFixture<RealMachine>
{
    private const string Audience = "https://service.example/path?with=query";

    public static TheoryData<string> Clients => [.. Client.All];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Client_WithoutAnyVariable_FindsAndGetsAll(string name)
    {
        var client = Client.Named(name);

        var report = client.Read(await machine.RunAsync(await client.CommandAsync(Audience), client.ToInstall));

        var identity = UnverifiedToken.Payload(report.IdentityToken);
        Assert.Equal(Audience, (string?)identity["aud"]);
        Assert.Equal((string?)identity["sub"], (string?)UnverifiedToken.Payload(report.AccessToken)["sub"]);
    }

    [Fact]
    public async Task CloudInit_ReadMd_IsTheMachineWithItsUserDataAndKeys()
    {
        var package = await DebianPackage.UnpackAsync("cloud-init");
        var report = JsonNode.Parse(await machine.RunAsync(
            ["/usr/bin/python3", Built.File("python/cloud_init_client.py"), $"{package}/usr/lib/python3/dist-packages"],
            "what cloud-init's Python modules need (Debian: apt-get install python3-configobj python3-jinja2 python3-jsonpatch "
            + "python3-jsonschema python3-netifaces python3-oauthlib python3-requests python3-serial python3-yaml)"))!;

        Assert.True((bool)report["success"]!, (string?)report["reason"]);
        Assert.Equal("#cloud-config\n", (string?)report["user-data"]);
        var metadata = report["meta-data"]!;
        Assert.Equal("8087716956832600000", (string?)metadata["instance-id"]);
        Assert.Equal("europe-west1-b", (string?)metadata["availability-zone"]);
        Assert.Equal("conformance-1.europe-west1-b.c.conformance-project.internal", (string?)metadata["local-hostname"]);
        Assert.Equal(["ada:ssh-ed25519 AAAAC3Ada ada"], metadata["public-keys-data"]!.AsArray().Select(key => (string?)key));
        // It told the world this host's key by a guest attribute.
        Assert.Equal("AAAAC3Host", await machine.GetAsync("instance/guest-attributes/hostkeys/ssh-ed25519"));
    }

    [Theory]
    [InlineData("ada_example_com", "ssh-ed25519 AAAAC3Ada ada\n")]
    [InlineData("grace_example_com", "refused\n")]
    public async Task OsLogin_AuthorizedKeys_AreOfThoseWhoMayLogIn(string user, string keys)
    {
        var package = await DebianPackage.UnpackAsync("google-compute-engine-oslogin");

        var printed = await machine.RunAsync(
            ["sh", "-c", "\"$0\" \"$1\" || echo refused", $"{package}/usr/bin/google_authorized_keys", user],
            "libcurl and json-c (Debian: apt-get install libcurl4 libjson-c5)");

        Assert.Equal(keys, printed);
    }

    [Fact]
    public async Task GuestAgent_StartupScript_IsFoundAndRun()
    {
        var package = await DebianPackage.UnpackAsync("google-guest-agent");

        var printed = await machine.RunAsync([$"{package}/usr/bin/google_metadata_script_runner", "startup"], "google-guest-agent");

        Assert.Contains("Found startup-script in metadata.", printed, StringComparison.Ordinal);
        Assert.Contains("startup-script: started on conformance", printed, StringComparison.Ordinal);
        Assert.Contains("startup-script exit status 0", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gcloud_WithoutAnyVariable_FindsTheMachine()
    {
        var gcloud = new Gcloud(machine.Home, (command, variables) => machine.RunAsync(command, Gcloud.ToInstall, [.. variables]));

        await gcloud.AssertFindsTheMachineAsync();
    }
}
