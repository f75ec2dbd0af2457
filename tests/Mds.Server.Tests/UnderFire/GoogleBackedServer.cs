using System.Net;
using Mds.Credentials;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Server.Tests.UnderFire;

/// <summary>
/// A started server with two service account keys, and the stand-in for Google that both are exchanged at. Where a clock is
/// given, the server goes by it, and nothing that the server does by time happens unless the test lets time pass.
/// </summary>
internal sealed class GoogleBackedServer : IAsyncDisposable
{
    public const string App = "app@mds-tests.iam.gserviceaccount.com";
    public const string Job = "job@mds-tests.iam.gserviceaccount.com";

    private readonly TemporaryFolder _folder = new();
    private readonly TimeProvider _time;
    private StartedServer? _server;

    private GoogleBackedServer(GoogleStandIn google, TimeProvider time) => (Google, _time) = (google, time);

    public GoogleStandIn Google { get; }

    public StartedServer Server => _server!;

    /// <summary>What the server knows of the account <c>default</c>.</summary>
    public TokenCacheState State => Server.Server.State.Credentials.Find("default")!.State;

    /// <param name="prefetch">Whether tokens are asked for at start.</param>
    /// <param name="time">The server's clock; the real one when left out.</param>
    /// <param name="googlesTime">Google's clock; the server's when left out.</param>
    /// <param name="prepare">What to do with the stand-in before the server starts.</param>
    public static async Task<GoogleBackedServer> StartAsync(
        Prefetch prefetch = Prefetch.Off,
        TimeProvider? time = null,
        TimeProvider? googlesTime = null,
        Action<GoogleStandIn>? prepare = null)
    {
        time ??= TimeProvider.System;
        var fired = new GoogleBackedServer(await GoogleStandIn.StartAsync(time: googlesTime ?? time), time);
        prepare?.Invoke(fired.Google);
        fired._server = await StartedServer.StartAsync(
            new ServerSettings
            {
                Prefetch = prefetch,
                Credentials =
                [
                    new ServiceAccountKeySettings("default", fired._folder.Write("app.json", fired.Google.MakeClient(App).Json)),
                    new ServiceAccountKeySettings(Job, fired._folder.Write("job.json", fired.Google.MakeClient(Job).Json)),
                ],
            },
            time);
        return fired;
    }

    /// <summary>Gives the account <c>default</c> another key.</summary>
    public void ReplaceKey() => _folder.RenameOver("app.json", Google.MakeClient(App).Json);

    /// <summary>Lets time pass, and what that sets going come to its end.</summary>
    public async Task PassAsync(TimeSpan by)
    {
        ((ManualTime)_time).Advance(by);
        await Eventually.TrueAsync(
            () => State is var state && state.Calls == state.Successes + state.Failures, "the calls under way have ended");
    }

    /// <summary>Asks for the token of the account <c>default</c>, and for nothing when there is none.</summary>
    public async Task<(HttpStatusCode Status, string Body)> TokenAsync() => await Server.TokenAsync();

    public async ValueTask DisposeAsync()
    {
        Google.Release();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await Google.DisposeAsync();
        _folder.Dispose();
    }
}
