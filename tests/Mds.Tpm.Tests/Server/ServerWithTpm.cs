using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Mds.Credentials;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Tpm.Tests.Server;

/// <summary>A key in a software TPM through the whole server, against the stand-in for Google, which verifies signatures.</summary>
public abstract class ServerWithTpm(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>, IAsyncLifetime
{
    private protected const string Email = "app@mds-tests.iam.gserviceaccount.com";
    private protected const string Identity = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=https://app.example.com";

    private GoogleStandIn? _google;

    private protected SoftwareTpm Tpm => tpm;

    private protected TemporaryFolder Folder { get; } = new();

    private protected GoogleStandIn Google => _google!;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        Google.AddClient(Email, TestKeys.Text("sa.pub.pem"));
    }

    public async ValueTask DisposeAsync()
    {
        await Google.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static bool IsSignedBy(string key, string jwt)
    {
        using var verifier = TestKeys.Verifier(key);
        var dot = jwt.LastIndexOf('.');
        return verifier.VerifyData(
            Encoding.ASCII.GetBytes(jwt, 0, dot), Base64Url.DecodeFromChars(jwt.AsSpan(dot + 1)), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private protected static async Task<(HttpStatusCode Status, string Body)> ReadyAsync(StartedServer server)
    {
        using var ready = await server.Admin.GetAsync("/readyz", Cancellation);
        return (ready.StatusCode, await ready.Content.ReadAsStringAsync(Cancellation));
    }

    private protected ServerSettings Read(string tpmSettings, string others = "")
    {
        var claims = Folder.Write("claims.json", $$$"""{"instance": {"serviceAccounts": {"default": {"email": "{{{Email}}}", "scopes": ["s"]} } } }""");
        var file = Folder.Write(
            "settings.json",
            $$$"""{"configFile": "{{{claims}}}", "credentials": [{"account": "default", "tpm": { {{{tpmSettings}}} } }{{{others}}}] }""");
        return SettingsReader.Read(new Dictionary<string, string?> { ["settings"] = file }, new Dictionary<string, string>());
    }

    private protected Task<StartedServer> StartAsync(string tpmSettings, TpmAddress? address = null, string others = "")
    {
        var given = address ?? tpm.Address;
        var settings = Read($"\"{(given.IsDevice ? "device" : "address")}\": \"{given}\", {tpmSettings}", others);
        return StartedServer.StartAsync(settings with { Endpoints = new GoogleEndpoints(new Uri(Google.Url)) });
    }
}
