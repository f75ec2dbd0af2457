using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mds.Server.Tests.Robustness;

/// <summary>Very many clients, each with a connection of its own.</summary>
internal sealed class Crowd : IDisposable
{
    private readonly List<Socket> _clients = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Connects.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="size">How many.</param>
    public static async Task<Crowd> ConnectAsync(Uri server, int size)
    {
        RequireFiles(size + 1000);
        var crowd = new Crowd();
        var address = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        for (var i = 0; i < size; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            {
                // Closing resets: thousands of ports that linger would be missed by whatever comes next.
                LingerState = new LingerOption(true, 0),
            };
            crowd._clients.Add(client);
            await client.ConnectAsync(address, Cancellation);
        }

        return crowd;
    }

    /// <summary>Everybody sends the same request.</summary>
    public async Task SendAsync(string path)
    {
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\n\r\n");
        foreach (var client in _clients)
        {
            await client.SendAsync(request, Cancellation);
        }
    }

    /// <summary>Everybody reads one answer: its body, if its status is 200.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync()
    {
        var answers = new List<string>();
        foreach (var client in _clients)
        {
            await using var stream = new NetworkStream(client);
            var answer = await RawResponse.ReadAsync(stream, Cancellation);
            Assert.Equal(200, answer.Status);
            answers.Add(answer.Body);
        }

        return answers;
    }

    public void Dispose() => _clients.ForEach(client => client.Dispose());

    // The runtime raises the soft limit to the hard one when it starts.
    private static void RequireFiles(int count)
    {
        var limit = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        Assert.True(
            limit == "unlimited" || int.Parse(limit, CultureInfo.InvariantCulture) >= count,
            $"This process may open {limit} files and the test needs {count}. Raise the hard limit: ulimit -Hn {count}.");
    }
}
