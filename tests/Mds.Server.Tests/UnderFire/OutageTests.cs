using System.Net;
using Mds.Credentials;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.UnderFire;

/// <summary>Google away, slow or back again, under a clock that the test moves.</summary>
public sealed class OutageTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();

    [Fact]
    public async Task Get_GoogleDownForAnHour_TokenWhileItIsValidThen503ThenATokenWithinSeconds()
    {
        await using var fired = await GoogleBackedServer.StartAsync(time: _time);
        var token = await fired.Server.AccessTokenAsync();
        var expiry = _time.GetUtcNow() + TimeSpan.FromSeconds(3599);
        fired.Google.Behaviour = new(Status: 503);
        var down = _time.GetUtcNow();
        var callsPerMinute = new List<int>();

        while (_time.GetUtcNow() < down + TimeSpan.FromHours(2))
        {
            var before = fired.Google.Calls.Count;
            for (var i = 0; i < 60; i++)
            {
                await fired.PassAsync(Second);
                if (i % 10 == 0)
                {
                    var (status, body) = await fired.TokenAsync();
                    var valid = _time.GetUtcNow() < expiry;
                    Assert.Equal(valid ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, status);
                    Assert.Contains(valid ? token : "could not answer (HTTP 503", body, StringComparison.Ordinal);
                }
            }

            callsPerMinute.Add(fired.Google.Calls.Count - before);
        }

        TestContext.Current.SendDiagnosticMessage($"Calls per minute of the outage: {string.Join(' ', callsPerMinute)}");
        Assert.All(callsPerMinute, calls => Assert.InRange(calls, 0, 10));
        // The first of them comes when the token wants a successor, 330 to 450 s before its end; from then on there is no minute without.
        Assert.All(callsPerMinute[..52], calls => Assert.Equal(0, calls));
        Assert.All(callsPerMinute[55..], calls => Assert.InRange(calls, 3, 10));
        await AssertToldOnceAsync(fired, "could not answer (HTTP 503");

        fired.Google.Behaviour = new();
        await fired.PassAsync(TimeSpan.FromSeconds(15));

        Assert.NotEqual(token, await fired.Server.AccessTokenAsync());
        Assert.Contains("The account default gets tokens again.", fired.Server.Log.Lines.Select(line => line.Message));
        Assert.Contains("mds_credential_valid{account=\"default\"} 1\n", await fired.Server.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_GoogleSlow_ImpatientClientsAreServedAsSoonAsThereIsAToken()
    {
        await using var fired = await GoogleBackedServer.StartAsync(time: _time, prepare: google => google.Hold());
        var server = fired.Server.Server.Metadata.EndPoint;
        for (var i = 0; i < 3; i++)
        {
            // google-auth-library-ruby gives a request 0.5 s and hangs up.
            using var impatient = await RawClient.SendAsync(server, "default/token");
            await Eventually.TrueAsync(() => fired.Google.Calls.Count == 1, "Google is asked, once");
        }

        _time.Advance(TimeSpan.FromSeconds(10));
        fired.Google.Release();
        await Eventually.TrueAsync(() => fired.State.ExpiresAt is not null, "the token has come");

        Assert.Equal(HttpStatusCode.OK, (await fired.TokenAsync()).Status);
        Assert.Single(fired.Google.Calls);
    }

    [Fact]
    public async Task Get_GoogleSlowWhenASuccessorIsDue_NobodyWaitsForIt()
    {
        await using var fired = await GoogleBackedServer.StartAsync(time: _time);
        var old = await fired.Server.AccessTokenAsync();
        await fired.PassAsync(TimeSpan.FromSeconds(3599 - 330 - 121));
        fired.Google.Hold();
        while (fired.State.Calls == 1)
        {
            _time.Advance(Second);
        }

        Assert.Equal(old, await fired.Server.AccessTokenAsync());
        fired.Google.Release();
        await Eventually.TrueAsync(() => fired.State.Successes == 2, "the successor has come");
        await fired.PassAsync(TimeSpan.FromSeconds(121));

        Assert.NotEqual(old, await fired.Server.AccessTokenAsync());
        Assert.Equal(2, fired.Google.Calls.Count);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    [InlineData(299)]
    public async Task Get_TokensOfAFewSecondsOrMinutes_AreNotAskedForInALoop(int life)
    {
        await using var fired = await GoogleBackedServer.StartAsync(time: _time, prepare: google => google.Behaviour = new(ExpiresIn: life));

        for (var second = 0; second < 600; second++)
        {
            var (status, body) = await fired.TokenAsync();
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Matches("\"expires_in\":[1-9]", body);
            await fired.PassAsync(Second);
        }

        // Half of each life is used, or all of it where half would be less than ten seconds; a quarter of that may be cut off.
        Assert.InRange(fired.Google.Calls.Count, 600 / life, 2 + (600 / Math.Max(life * 3 / 8, Math.Min(life, 10))));
    }

    [Fact]
    public async Task Ready_TokensAwaited_OnlyOnceEveryAccountHasOne()
    {
        await using var fired = await GoogleBackedServer.StartAsync(Prefetch.BeforeReady, _time, prepare: google => google.Hold());

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The account default has no token yet; /status says why.\n"), await ReadyAsync(fired));
        Assert.Equal("mds-tests", await fired.Server.ProjectIdAsync());
        fired.Google.Release();
        await Eventually.TrueAsync(async () => (await ReadyAsync(fired)).Status == HttpStatusCode.OK, "the server is ready");

        Assert.Equal(2, fired.Google.Calls.Count);
        await fired.Server.AccessTokenAsync();
        await fired.Server.AccessTokenAsync(GoogleBackedServer.Job);
        Assert.Equal(2, fired.Google.Calls.Count);

        // Later outages are the clients' business: they understand 503, and a refused connection they do not.
        fired.Google.Behaviour = new(Status: 503);
        await fired.PassAsync(TimeSpan.FromHours(2));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await fired.TokenAsync()).Status);
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(fired)).Status);
    }

    // One line in the log, however many calls failed; the same sentence in /status; numbers in the metrics.
    private static async Task AssertToldOnceAsync(GoogleBackedServer fired, string reason)
    {
        Assert.Contains(reason, Assert.Single(fired.Server.Log.Errors), StringComparison.Ordinal);
        var status = await fired.Server.CredentialStatusAsync();
        Assert.Equal(("Failed", nameof(TokenSourceFault.Unavailable)), ((string?)status["state"], (string?)status["fault"]));
        Assert.Contains(reason, (string?)status["message"], StringComparison.Ordinal);
        var metrics = await fired.Server.MetricsAsync();
        Assert.Contains("mds_credential_valid{account=\"default\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"mds_upstream_failures_total{{account=\"default\"}} {fired.State.Failures}\n", metrics, StringComparison.Ordinal);
        Assert.True(fired.State.Failures > 100);
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReadyAsync(GoogleBackedServer fired)
    {
        using var answer = await fired.Server.Admin.GetAsync("/readyz", TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
