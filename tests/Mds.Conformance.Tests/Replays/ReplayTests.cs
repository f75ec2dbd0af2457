namespace Mds.Conformance.Tests;

/// <summary>The requests of clients that cannot run here, and of versions newer or older than those that do.</summary>
public sealed class ReplayTests(Servers servers) : IClassFixture<Servers>
{
    public static TheoryData<string> Names => [.. Replay.All.Select(replay => replay.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Replay_Request_IsAnsweredAsTheClientDemands(string name)
    {
        var host = servers.For(TokenOrigin.LocalIssuer).Variables["GCE_METADATA_HOST"];
        var etag = "";
        foreach (var exchange in Replay.All.Single(replay => replay.Name == name).Exchanges)
        {
            await using var connection = await RawConnection.OpenAsync(host);
            var answer = await connection.SendAsync(exchange.Bytes(Fill));

            Demand.AssertOfEveryAnswer(answer);
            foreach (var demand in exchange.Demands)
            {
                await Demand.AssertAsync(Fill(demand), answer, connection);
            }

            etag = answer.Has("ETag") ? answer.Single("ETag") : etag;
        }

        string Fill(string text) => text
            .Replace("{host}", host, StringComparison.Ordinal)
            .Replace("{email}", Servers.Email, StringComparison.Ordinal)
            .Replace("{etag}", etag, StringComparison.Ordinal);
    }

    // With the ETag of the answer before, the agents wait; what a program writes meanwhile is the change.
    [Theory]
    [InlineData("/computeMetadata/v1/?alt=json&last_etag={etag}&recursive=true&timeout_sec=60&wait_for_change=true", "google-guest-agent of 2026")]
    [InlineData("/computeMetadata/v1//?recursive=true&alt=json&wait_for_change=true&timeout_sec=60&last_etag={etag}", "google-guest-agent of 2021")]
    [InlineData("/computeMetadata/v1/?recursive=true&alt=json&wait_for_change=true&last_etag={etag}&timeout_sec=60", "OS Config agent")]
    public async Task Wait_OfAnAgent_EndsWithTheChange(string target, string agent)
    {
        var host = servers.For(TokenOrigin.ServiceAccountKey).Variables["GCE_METADATA_HOST"];
        await using var waiting = await RawConnection.OpenAsync(host);
        var before = await waiting.SendAsync(Get(target.Replace("{etag}", "NONE", StringComparison.Ordinal)));
        await using var writing = await RawConnection.OpenAsync(host);

        var change = waiting.SendAsync(Get(target.Replace("{etag}", before.Single("ETag"), StringComparison.Ordinal)));
        var key = Guid.NewGuid().ToString();
        // Whether it is read before the change or after: its ETag is another one then, and is answered at once.
        var written = await writing.SendAsync(
            $"PUT /computeMetadata/v1/instance/guest-attributes/agents/{key} HTTP/1.1\r\nHost: {host}\r\n"
            + $"Metadata-Flavor: Google\r\nContent-Length: {agent.Length}\r\n\r\n{agent}");
        var after = await change;

        Assert.Equal((200, 200), (written.Status, after.Status));
        Assert.NotEqual(before.Single("ETag"), after.Single("ETag"));
        Assert.Contains($"\"{key}\":\"{agent}\"", after.Body, StringComparison.Ordinal);

        string Get(string path) => $"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Go-http-client/1.1\r\nMetadata-Flavor: Google\r\n\r\n";
    }
}
