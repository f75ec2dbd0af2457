using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mds.Kubernetes.Tests.Client;

/// <summary>An HTTP server that gives prepared answers in order, the last one for ever, and remembers what it was asked.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Queue<string> _answers;
    private readonly Task _serving;

    /// <param name="answers">Status line, header lines, and body, such as <c>200 OK||{}</c>, parted by bars.</param>
    public CannedServer(params string[] answers)
    {
        _answers = new Queue<string>(answers);
        _listener.Start();
        _serving = ServeAsync();
    }

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Called with each request before it is answered.</summary>
    public Action<int> OnRequest { get; set; } = _ => { };

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _serving;
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var connection = await _listener.AcceptTcpClientAsync(_ending.Token);
                var stream = connection.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                var head = new StringBuilder();
                var length = 0;
                while (await reader.ReadLineAsync(_ending.Token) is { Length: > 0 } line)
                {
                    head.AppendLine(line);
                    length = line.StartsWith("Content-Length: ", StringComparison.Ordinal) ? int.Parse(line[16..]) : length;
                }

                if (length > 0)
                {
                    await reader.ReadBlockAsync(new char[length], _ending.Token);
                }

                Requests.Enqueue(head.ToString());
                OnRequest(Requests.Count);
                var answer = (_answers.Count > 1 ? _answers.Dequeue() : _answers.Peek()).Split('|', 3);
                var headers = answer[1].Length > 0 ? answer[1] + "\r\n" : "";
                await stream.WriteAsync(
                    Encoding.UTF8.GetBytes(
                        $"HTTP/1.1 {answer[0]}\r\n{headers}Connection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(answer[2])}\r\n\r\n{answer[2]}"),
                    _ending.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The end.
        }
    }
}
