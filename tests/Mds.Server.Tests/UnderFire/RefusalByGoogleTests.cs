using System.Net;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Server.Tests.UnderFire;

/// <summary>Google says no, and asking again and again would change nothing.</summary>
public sealed class RefusalByGoogleTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(400, "invalid_grant", "Invalid grant: account not found")]
    [InlineData(401, "unauthorized_client", "Client is unauthorized to retrieve access tokens using this method.")]
    [InlineData(403, "access_denied", "Account restricted")]
    public async Task Get_Refused_ReasonInLogAndStatusAndNoStorm(int status, string error, string description)
    {
        await using var fired = await GoogleBackedServer.StartAsync(
            time: _time,
            prepare: google => google.Behaviour = new(Status: status, Body: $$"""{"error": "{{error}}", "error_description": "{{description}}"}"""));

        for (var second = 0; second < 600; second++)
        {
            var (answered, body) = await fired.TokenAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answered);
            Assert.Contains($"HTTP {status}, {error}", body, StringComparison.Ordinal);
            await fired.PassAsync(TimeSpan.FromSeconds(1));
        }

        // Every half minute to minute, once the pauses have grown.
        Assert.InRange(fired.Google.Calls.Count, 10, 26);
        var reason = $"(HTTP {status}, {error}: {description.TrimEnd('.')})";
        Assert.Contains(reason, Assert.Single(fired.Server.Log.Errors), StringComparison.Ordinal);
        var told = await fired.Server.CredentialStatusAsync();
        Assert.Equal(("Failed", "Rejected"), ((string?)told["state"], (string?)told["fault"]));
        Assert.Contains(reason, (string?)told["message"], StringComparison.Ordinal);
    }

    // An assertion from the future is refused, even if it is dated back a little.
    [Fact]
    public async Task Get_ClockFastByTwentyMinutes_IsNamedAndMendedWithinAMinute()
    {
        var googles = new AdjustableTime(_time) { Ahead = TimeSpan.FromMinutes(-20) };
        await using var fired = await GoogleBackedServer.StartAsync(time: _time, googlesTime: googles);

        var (status, body) = await fired.TokenAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("clock", body, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (string?)(await fired.Server.CredentialStatusAsync())["state"] == "Failed", "the failure is known");
        Assert.Contains(
            "Compare this machine's clock with the issuer's.", (string?)(await fired.Server.CredentialStatusAsync())["message"], StringComparison.Ordinal);
        Assert.Contains("Compare this machine's clock", Assert.Single(fired.Server.Log.Errors), StringComparison.Ordinal);

        // Somebody sets this machine's clock; Google's goes on as it did.
        _time.SetClock(TimeSpan.FromMinutes(-20));
        googles.Ahead = TimeSpan.Zero;
        await fired.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(HttpStatusCode.OK, (await fired.TokenAsync()).Status);
    }

    // One from the past is taken while its hour lasts, and how long a token lives is told in seconds from now.
    [Theory]
    [InlineData(10)]
    [InlineData(4)]
    [InlineData(-4)]
    [InlineData(-10)]
    public async Task Get_ClockOffByTenMinutesAtMost_ServesNoTokenBeyondItsEnd(int minutes)
    {
        var googles = new AdjustableTime(_time) { Ahead = TimeSpan.FromMinutes(-minutes) };
        await using var fired = await GoogleBackedServer.StartAsync(time: _time, googlesTime: googles);
        var issued = _time.GetUtcNow();
        var token = await fired.Server.AccessTokenAsync();

        await fired.PassAsync(TimeSpan.FromSeconds(3599 - 331 - 121));
        Assert.Equal(token, await fired.Server.AccessTokenAsync());
        await fired.PassAsync(TimeSpan.FromSeconds(122));

        Assert.NotEqual(token, await fired.Server.AccessTokenAsync());
        Assert.True(_time.GetUtcNow() < issued + TimeSpan.FromSeconds(3599 - 300));
    }

    private sealed class AdjustableTime(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Ahead;
    }
}
