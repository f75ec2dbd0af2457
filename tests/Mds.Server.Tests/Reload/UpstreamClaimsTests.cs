using System.Net;
using System.Text;
using Mds.Credentials;
using Mds.Server.Reload;
using Mds.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mds.Server.Tests.Reload;

/// <summary>Keeping up with a server that answers at once whatever it is asked, each time something else.</summary>
public sealed class UpstreamClaimsTests : IAsyncLifetime
{
    private static readonly FileContent Known = new("first"u8.ToArray(), null, true);

    private readonly ManualTime _time = new();
    private readonly CapturedLog _log = new();
    private readonly List<string> _told = [];
    private WebApplication? _other;
    private Func<int, string?> _etag = _ => null;
    private int _asked;

    private UpstreamMetadata Other => new(new Uri(_other!.Urls.Single()).Authority);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _other = builder.Build();
        _other.Run(async context =>
        {
            var number = Interlocked.Increment(ref _asked);
            context.Response.Headers["Metadata-Flavor"] = "Google";
            if (_etag(number) is { } etag)
            {
                context.Response.Headers.ETag = etag;
            }

            await context.Response.WriteAsync($"answer {number}");
        });
        await _other.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await _other!.DisposeAsync();

    [Fact]
    public async Task Follow_OtherBodyEachTimeWithoutETag_AsksOnceInAPause()
    {
        await using var claims = Follow(Take);

        await AssertPacedAsync(UpstreamClaims.Pause);
    }

    [Fact]
    public async Task Follow_OtherBodyAndETagEachTime_AsksOnceInAShortPause()
    {
        _etag = number => $"{number:x16}";
        await using var claims = Follow(Take);

        await AssertPacedAsync(UpstreamClaims.PauseAfterChange);
    }

    [Fact]
    public async Task Follow_HandlerThatThrows_IsToldOfTheNextContent()
    {
        await using var claims = Follow(content =>
        {
            Take(content);
            throw new InvalidOperationException("unforeseen");
        });

        await AssertPacedAsync(UpstreamClaims.Pause);

        Assert.All(_log.Errors, error => Assert.StartsWith($"The new content of the metadata server at {Other.Address} is not in use", error));
        Assert.Contains("unforeseen", _log.Errors.First());
    }

    // The clock stands still: whatever is asked beyond the first time was asked without a pause.
    private async Task AssertPacedAsync(TimeSpan pause)
    {
        for (var round = 1; round <= 3; round++)
        {
            await Eventually.TrueAsync(() => _time.NextTimer is not null, "a pause is made");
            Assert.Equal((round, pause), (Volatile.Read(ref _asked), _time.NextTimer));
            _time.Advance(pause);
            await Eventually.TrueAsync(() => Volatile.Read(ref _asked) > round, "it is asked again");
        }

        await Eventually.TrueAsync(() => _time.NextTimer is not null, "a pause is made");
        Assert.Equal(["answer 1", "answer 2", "answer 3", "answer 4"], _told);
    }

    private UpstreamClaims Follow(Action<FileContent> changed) => new(Other, (Known, _etag(0)), _time, _log, changed);

    private void Take(FileContent content) => _told.Add(Encoding.UTF8.GetString(content.Bytes!));
}
