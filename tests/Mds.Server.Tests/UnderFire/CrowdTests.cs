using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.UnderFire;

/// <summary>Many clients at once, each with a connection of its own.</summary>
public sealed class CrowdTests
{
    private const int Crowd = 1000;
    private const string OtherScopes = "default/token?enforce_scopes=true&scopes=https://www.googleapis.com/auth/devstorage.read_only";

    [Theory]
    [InlineData("default/token")]
    [InlineData(OtherScopes)]
    [InlineData(GoogleBackedServer.Job + "/token")]
    [InlineData("default/identity?audience=https://service.example")]
    public async Task Get_ThousandClientsWantTheSame_OneCall(string path)
    {
        await using var fired = await GoogleBackedServer.StartAsync();

        var answers = await AskAtOnceAsync(fired, Enumerable.Repeat(path, Crowd));

        Assert.Equal(Crowd, answers.Count);
        Assert.Single(answers.Distinct());
        Assert.Single(fired.Google.Calls);
    }

    [Fact]
    public async Task Get_ThousandClientsWantFiveThings_OneCallForEach()
    {
        string[] things =
        [
            "default/token", OtherScopes, GoogleBackedServer.Job + "/token",
            "default/identity?audience=https://service.example", "default/identity?audience=https://another.example",
        ];
        await using var fired = await GoogleBackedServer.StartAsync();

        var answers = await AskAtOnceAsync(fired, Enumerable.Range(0, Crowd).Select(i => things[i % things.Length]));

        Assert.Equal(things.Length, answers.Distinct().Count());
        Assert.Equal(things.Length, fired.Google.Calls.Count);
    }

    [Fact]
    public async Task Get_SomeHangUp_TheOthersAreAnsweredByTheSameCall()
    {
        await using var fired = await GoogleBackedServer.StartAsync(prepare: google => google.Hold());
        var server = fired.Server.Server.Metadata.EndPoint;
        using var first = await RawClient.SendAsync(server, "default/token");
        await Eventually.TrueAsync(() => fired.Google.Calls.Count == 1, "Google is asked");
        using var second = await RawClient.SendAsync(server, "default/token");

        first.Dispose();
        fired.Google.Release();

        Assert.Equal("HTTP/1.1 200 OK", (await second.ReadAsync()).StatusLine);
        Assert.Single(fired.Google.Calls);
    }

    [Fact]
    public async Task Get_AllHangUp_TheTokenIsThereForTheNext()
    {
        await using var fired = await GoogleBackedServer.StartAsync(prepare: google => google.Hold());
        using (await RawClient.SendAsync(fired.Server.Server.Metadata.EndPoint, "default/token"))
        {
            await Eventually.TrueAsync(() => fired.Google.Calls.Count == 1, "Google is asked");
        }

        fired.Google.Release();

        Assert.Contains(await fired.Server.AccessTokenAsync(), fired.Google.IssuedTokens);
        Assert.Single(fired.Google.Calls);
    }

    [Fact]
    public async Task Get_KeyReplacedMeanwhile_NoRequestFails()
    {
        await using var fired = await GoogleBackedServer.StartAsync();
        var first = await fired.Server.AccessTokenAsync();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 20).Select(async _ =>
        {
            var last = first;
            while (!stop.IsCancellationRequested)
            {
                last = await fired.Server.AccessTokenAsync();
            }

            return last;
        }).ToArray();

        for (var i = 0; i < 3; i++)
        {
            var before = await fired.Server.AccessTokenAsync();
            fired.ReplaceKey();
            await Eventually.TrueAsync(async () => await fired.Server.AccessTokenAsync() != before, "the new key's token is served");
        }

        await stop.CancelAsync();
        Assert.DoesNotContain(first, await Task.WhenAll(clients));
        // The first key's token, and one for each key after it.
        Assert.Equal(4, fired.Google.Calls.Count);
    }

    // Every request is on its way before Google answers the first.
    private static async Task<IReadOnlyList<string>> AskAtOnceAsync(GoogleBackedServer fired, IEnumerable<string> paths)
    {
        fired.Google.Hold();
        var clients = await Task.WhenAll(paths.Select(path => RawClient.SendAsync(fired.Server.Server.Metadata.EndPoint, path)));
        fired.Google.Release();
        var bodies = new List<string>();
        foreach (var client in clients)
        {
            using (client)
            {
                var answer = await client.ReadAsync();
                Assert.Equal(200, answer.Status);
                // How long an access token still lives may be another number in the next second.
                bodies.Add(answer.Body.Split("\",\"expires_in\"")[0]);
            }
        }

        return bodies;
    }
}
