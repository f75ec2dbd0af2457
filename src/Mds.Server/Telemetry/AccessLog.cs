using System.Buffers;
using System.Threading.Channels;
using Mds.Server.Protocol;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Telemetry;

/// <summary>
/// Writes a line of JSON for each request on a metadata listener. Requests do not wait for whoever reads the lines: when
/// too many are waiting to be written, further ones are left out, and counted.
/// </summary>
internal sealed class AccessLog : IRequestObserver, IAsyncDisposable
{
    private const int MostWaiting = 8192;

    // As many as the list of latest requests keeps. Lines that wait would else be as long as clients like.
    private const int MostCharacters = 1024;

    // A pipe takes as much in one piece, so that lines of others do not come between.
    private const int Piece = 4096;

    // Whoever reads the lines may have stopped; then the last ones are lost.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly Channel<AccessLogLine> _waiting;
    private readonly Stream _output;
    private readonly TimeProvider _time;
    private readonly Task _writing;

    /// <summary>Begins to write.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="dropped">Called for each line that is left out.</param>
    public AccessLog(Stream output, TimeProvider time, Action dropped)
    {
        (_output, _time) = (output, time);
        _waiting = Channel.CreateBounded<AccessLogLine>(
            new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite },
            _ => dropped());
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>No: the lines say who asked, and with what program.</summary>
    public bool AllowsFastLane => false;

    /// <inheritdoc/>
    public void Answered(in AnsweredRequest request)
    {
        if (request.Context is { } context)
        {
            _waiting.Writer.TryWrite(new AccessLogLine(
                _time.GetUtcNow(),
                context.Connection.RemoteIpAddress?.ToString(),
                Cut(context.Request.Method)!,
                Cut(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)!,
                request.Status,
                request.Bytes,
                request.Elapsed,
                request.Outcome.Refusal,
                Cut(context.Request.Headers.UserAgent),
                Cut(context.Request.Headers["Metadata-Flavor"])));
        }
    }

    /// <summary>Writes what is waiting, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(LongestEnd));
    }

    private static string? Cut(string? text) =>
        text is not { Length: > MostCharacters } ? text
        : text[..(char.IsHighSurrogate(text[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters)];

    private async Task WriteAsync()
    {
        try
        {
            var piece = new ArrayBufferWriter<byte>(Piece);
            var line = new ArrayBufferWriter<byte>(Piece);
            await foreach (var next in _waiting.Reader.ReadAllAsync())
            {
                line.ResetWrittenCount();
                next.WriteTo(line);
                if (piece.WrittenCount + line.WrittenCount > Piece)
                {
                    await FlushAsync(piece);
                }

                piece.Write(line.WrittenSpan);
                if (_waiting.Reader.Count == 0)
                {
                    await FlushAsync(piece);
                }
            }

            await FlushAsync(piece);
        }
        catch (IOException)
        {
            // Nobody reads any more; the server has other things to do.
        }
    }

    private async Task FlushAsync(ArrayBufferWriter<byte> piece)
    {
        if (piece.WrittenCount > 0)
        {
            await _output.WriteAsync(piece.WrittenMemory);
            await _output.FlushAsync();
            piece.ResetWrittenCount();
        }
    }
}
