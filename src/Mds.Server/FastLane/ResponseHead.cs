using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Mds.Server.Protocol;
using Microsoft.AspNetCore.WebUtilities;

namespace Mds.Server.FastLane;

/// <summary>Writes the status line and the headers of answers, byte for byte as Kestrel does.</summary>
internal sealed class ResponseHead
{
    /// <summary>What nearly every head takes at most.</summary>
    public const int Most = 512;

    // What is not text of the answer's own: the longest status line, names of headers, numbers and the date.
    private const int Fixed = 256;

    private static readonly ConcurrentDictionary<int, byte[]> StatusLines = new();

    private readonly TimeProvider _time;
    private readonly byte[] _server;
    private readonly byte[] _last;
    private volatile DateLine _date = new(0, []);

    /// <param name="standard">The headers of every answer.</param>
    /// <param name="time">The clock.</param>
    public ResponseHead(StandardHeaders standard, TimeProvider time)
    {
        _time = time;
        _server = Encoding.ASCII.GetBytes($"Server: {standard.Server}\r\n");
        _last = Encoding.ASCII.GetBytes(
            string.Concat(standard.Fields.Where(header => header.Key != "Server").Select(header => $"{header.Key}: {header.Value}\r\n")) + "\r\n");
    }

    /// <summary>Writes everything of an answer but its body.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="closes">Whether the connection ends with it.</param>
    public void Write(IBufferWriter<byte> output, in Answer answer, bool closes)
    {
        var longest = Fixed + _server.Length + _last.Length + answer.ContentType.Length
            + (answer.ETag?.Length ?? 0) + (answer.Location?.Length ?? 0);
        var head = new SpanWriter(output.GetSpan(longest));
        head.Add(StatusLine(answer.Status));
        head.Add("Content-Length: "u8);
        head.Add(answer.Body.Length);
        head.Add(closes ? "\r\nConnection: close\r\nContent-Type: "u8 : "\r\nContent-Type: "u8);
        head.Add(answer.ContentType);
        head.Add("\r\n"u8);
        head.Add(Date());
        head.Add(_server);
        if (answer.ETag is not null)
        {
            head.Add("ETag: "u8);
            head.Add(answer.ETag);
            head.Add("\r\n"u8);
        }

        if (answer.Location is not null)
        {
            head.Add("Location: "u8);
            head.Add(answer.Location);
            head.Add("\r\n"u8);
        }

        head.Add(_last);
        output.Advance(head.Length);
    }

    private static byte[] StatusLine(int status) => StatusLines.GetOrAdd(
        status, static status => Encoding.ASCII.GetBytes($"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n"));

    private byte[] Date()
    {
        var now = _time.GetUtcNow();
        var second = now.Ticks / TimeSpan.TicksPerSecond;
        var date = _date;
        if (date.Second != second)
        {
            var text = now.ToString("R", CultureInfo.InvariantCulture);
            _date = date = new DateLine(second, Encoding.ASCII.GetBytes($"Date: {text}\r\n"));
        }

        return date.Bytes;
    }

    private sealed record DateLine(long Second, byte[] Bytes);

    private ref struct SpanWriter(Span<byte> span)
    {
        private readonly Span<byte> _span = span;

        public int Length { get; private set; }

        public void Add(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_span[Length..]);
            Length += bytes.Length;
        }

        public void Add(string text) => Length += Encoding.ASCII.GetBytes(text, _span[Length..]);

        public void Add(int number)
        {
            Utf8Formatter.TryFormat(number, _span[Length..], out var written);
            Length += written;
        }
    }
}
