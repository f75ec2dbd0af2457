using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Mds.Metadata;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.FSharp.Core;

namespace Mds.Server.Tests.Robustness;

/// <summary>
/// Any request gets an answer that is whole and none of the server's own fault, or the connection is closed. <c>make
/// fuzz</c> runs this with more requests: <c>MDS_FUZZ_COUNT</c> of them, from <c>MDS_FUZZ_SEED</c> on, which a failure names.
/// </summary>
public sealed class FuzzTests
{
    private const int QuickCount = 700;
    private const int ProgressEvery = 5_000;

    private static readonly int[] Statuses = [200, 301, 403, 404, 405];

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private const string Claims = """
        {
          "project": {"projectId": "p", "numericProjectId": 1},
          "instance": {
            "zone": "projects/1/zones/europe-west1-b", "tags": ["a", "b"],
            "attributes": {"a": "1", "enable-guest-attributes": "TRUE", "enable-oslogin": "TRUE", "disable-legacy-endpoints": "FALSE"}
          }
        }
        """;

    [Theory]
    [InlineData(MetadataFlavor.GCE)]
    [InlineData(MetadataFlavor.CloudRun)]
    [InlineData(MetadataFlavor.GKE)]
    public async Task Send_AnyBytes_GetsWholeAnswersThatAreNotTheServersFault(MetadataFlavor flavor)
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("MDS_FUZZ_COUNT") ?? $"{QuickCount}", CultureInfo.InvariantCulture);
        using var folder = new TemporaryFolder();
        await using var server = await StartedServer.StartAsync(
            new ServerSettings
            {
                Flavor = flavor,
                ConfigFile = folder.Write("claims.json", Claims),
                Credentials = [new LocalSettings("default")],
            },
            least: LogLevel.Information);
        var (sent, understood, written) = (0, 0, 0);
        var seed = Environment.GetEnvironmentVariable("MDS_FUZZ_SEED") is { Length: > 0 } given
            ? ulong.Parse(given, CultureInfo.InvariantCulture)
            : (ulong)Random.Shared.Next();
        var config = Config.QuickThrowOnFailure.WithMaxTest(count)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None)));

        Check.One(config, Prop.ForAll(Arb.From(RequestFuzz.Requests), request =>
        {
            var received = RawExchange.SendAsync(server.Server.Metadata.EndPoint, request, Patience).GetAwaiter().GetResult();
            understood += IsUnderstood(received) ? 1 : 0;
            written += request.AsSpan().StartsWith("PUT "u8) && received.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) ? 1 : 0;
            if (++sent % ProgressEvery == 0)
            {
                Console.Error.WriteLine($"{flavor}, seed {seed}: {sent} of {count} sent, {understood} of them understood");
            }

            var fault = RawExchange.Fault(received);
            return (fault is null).Label($"{fault}\nseed {seed}, request {sent}: {Escaped(request)}\nanswer: {Escaped(Encoding.Latin1.GetBytes(received))}");
        }));

        Assert.True(understood > count / 10, $"Only {understood} of {count} requests were understood as HTTP: they test little.");
        Assert.Equal(flavor == MetadataFlavor.GCE, written > 0);
        Assert.Equal("p", await server.ProjectIdAsync());
        Assert.DoesNotContain(server.Log.Lines, line => line.Level >= LogLevel.Error);
    }

    // A 400 may be for parameters, or for what is no HTTP.
    private static bool IsUnderstood(string received) => Statuses.Any(status => received.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal));

    private static string Escaped(byte[] request) => string.Concat(
        Encoding.Latin1.GetString(request).Select(c => c is >= ' ' and <= '~' and not '\\' ? $"{c}" : $"\\x{(int)c:x2}"));
}
