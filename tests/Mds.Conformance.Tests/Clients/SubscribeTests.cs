using System.Text.Json;

namespace Mds.Conformance.Tests;

/// <summary>The long-poll of Google's Go library, while a person edits the claims.</summary>
public sealed class SubscribeTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly string _home = Directory.CreateTempSubdirectory("mds-subscribe-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("instance/attributes/mode", "blue", "green")]
    [InlineData("instance/attributes/?recursive=true", """{"mode":"blue"}""", """{"mode":"green"}""")]
    public async Task Go_Subscribe_SeesEveryChange(string suffix, string first, string second)
    {
        await WriteAsync("""{"mode": "blue"}""");
        await using var server = await MdsServer.StartAsync(_home, [], ["-configFile", Claims, "-port", ":0"]);
        using var watch = ChildProcess.Start(
            ChildProcess.Describe(await GoClient.ProgramAsync(), ["-watch", suffix], _home, server.Variables), GoClient.ToInstall);
        try
        {
            Assert.Equal((first, true), await NextAsync());
            await WriteAsync("""{"mode": "green"}""");
            Assert.Equal((second, true), await NextAsync());
            await WriteAsync("{}");
            // A key that is gone ends a subscription, a directory stays.
            var isDirectory = suffix.Contains('?', StringComparison.Ordinal);
            Assert.Equal(isDirectory ? ("{}", true) : ("", false), await NextAsync());
        }
        finally
        {
            watch.Kill();
        }

        async Task<(string?, bool)> NextAsync()
        {
            using var limit = new CancellationTokenSource(Deadline);
            var line = await watch.StandardOutput.ReadLineAsync(limit.Token);
            Assert.True(line is not null, "The subscription ended.");
            using var seen = JsonDocument.Parse(line!);
            return (seen.RootElement.GetProperty("value").GetString(), seen.RootElement.GetProperty("defined").GetBoolean());
        }
    }

    private string Claims => Path.Combine(_home, "claims.json");

    // Renamed into place, so that the server reads all of it.
    private async Task WriteAsync(string attributes)
    {
        await File.WriteAllTextAsync(Claims + ".new", $$"""{"instance": {"attributes": {{attributes}} } }""");
        File.Move(Claims + ".new", Claims, overwrite: true);
    }
}
