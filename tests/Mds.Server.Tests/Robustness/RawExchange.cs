using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Mds.Server.Tests.Robustness;

/// <summary>All that is sent on one connection, and all that comes back.</summary>
internal static partial class RawExchange
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Sends bytes and reads until the server ends the connection, one character for each byte.</summary>
    /// <param name="server">The server.</param>
    /// <param name="bytes">What to send.</param>
    /// <param name="patience">
    /// How long to wait for more before the client ends its side, which ends whatever the server waits for; nothing depends
    /// on its length but how much is seen.
    /// </param>
    public static async Task<string> SendAsync(EndPoint server, ReadOnlyMemory<byte> bytes, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, deadline.Token);
        var received = new StringBuilder();
        try
        {
            // A long request may be refused before it is all sent, and its answer has to be read then.
            await socket.SendAsync(bytes, deadline.Token);
            var buffer = new byte[16 * 1024];
            var isOpen = true;
            while (true)
            {
                var read = socket.ReceiveAsync(buffer, deadline.Token).AsTask();
                if (isOpen && (patience == TimeSpan.Zero || await Task.WhenAny(read, Task.Delay(patience, deadline.Token)) != read))
                {
                    socket.Shutdown(SocketShutdown.Send);
                    isOpen = false;
                }

                var count = await read;
                if (count == 0)
                {
                    break;
                }

                received.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // The server hung up on what it did not want to read.
        }

        return received.ToString();
    }

    /// <summary>What is wrong with what came back as a sequence of responses; <see langword="null"/> when nothing is.</summary>
    public static string? Fault(string received)
    {
        for (var rest = received; rest.Length > 0;)
        {
            var end = rest.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0 || Head().Match(rest[..(end + 2)]) is not { Success: true } head)
            {
                return "no response's head begins here: " + rest[..Math.Min(rest.Length, 80)];
            }

            rest = rest[(end + 4)..];
            var status = int.Parse(head.Groups["status"].Value);
            if (status is < 100 or >= 500)
            {
                return $"status {status}";
            }

            if (status == 100)
            {
                continue;
            }

            var headers = head.Groups["name"].Captures.Select(name => name.Value.ToUpperInvariant())
                .Zip(head.Groups["value"].Captures.Select(value => value.Value)).ToList();
            if (headers.Find(header => header.First == "TRANSFER-ENCODING") is { First: not null })
            {
                return "chunks";
            }

            if (headers.Where(header => header.First == "CONTENT-LENGTH").ToList() is not [{ Second: var text }] || !int.TryParse(text, out var length))
            {
                return "no Content-Length, or more than one";
            }

            if (length > rest.Length)
            {
                return $"a body of {rest.Length} bytes where {length} were announced";
            }

            rest = rest[length..];
        }

        return null;
    }

    [GeneratedRegex("^HTTP/1\\.1 (?<status>[0-9]{3}) [^\r\n]*\r\n((?<name>[!-9;-~]+): (?<value>[^\r\n]*)\r\n)*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Head();
}
