using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Mds.Tpm.Tests;

/// <summary>Stands between MDS and a software TPM on a TCP port: records what passes, and changes answers when told to.</summary>
internal sealed class TpmRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SoftwareTpm _tpm;
    private readonly ConcurrentQueue<byte[]> _commands = new();
    private readonly ConcurrentQueue<byte[]> _answers = new();

    public TpmRelay(SoftwareTpm tpm)
    {
        _tpm = tpm;
        _listener.Start();
        _ = AcceptAsync();
    }

    public TpmAddress Address => TpmAddress.Parse(_listener.LocalEndpoint.ToString()!);

    /// <summary>The address for who keeps the connection, however slow the machine is.</summary>
    public TpmAddress KeptAddress => Address with { IdleTime = TimeSpan.FromHours(1), LongestHold = TimeSpan.FromHours(1) };

    /// <summary>Every command so far, header included.</summary>
    public IReadOnlyList<byte[]> Commands => [.. _commands];

    /// <summary>Every answer so far, as the TPM gave it.</summary>
    public IReadOnlyList<byte[]> Answers => [.. _answers];

    /// <summary>Makes of a command the answer that is given instead of the TPM's; <see langword="null"/> for the TPM's own.</summary>
    public Func<byte[], byte[]?> Instead { get; set; } = static _ => null;

    /// <summary>Makes of a command another one that somebody else sends to the TPM right before it; <see langword="null"/> for none.</summary>
    public Func<byte[], byte[]?> Before { get; set; } = static _ => null;

    /// <summary>Makes of a command and its answer the answer that is passed on.</summary>
    public Func<byte[], byte[], byte[]> Change { get; set; } = static (_, answer) => answer;

    /// <summary>
    /// How often a signature was asked for. The TPM's own wish to be asked once more (it notes first that passwords are in use)
    /// is followed with the same bytes, and is no other try.
    /// </summary>
    public int Tries => _commands.Where(command => CodeOf(command) == 0x15D).Select(Convert.ToHexString).Distinct().Count();

    /// <summary>An answer without content.</summary>
    public static byte[] Refusal(uint code)
    {
        byte[] answer = [0x80, 0x01, 0, 0, 0, 10, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(6), code);
        return answer;
    }

    /// <summary>A command as somebody else sends it.</summary>
    public static byte[] Command(uint code, bool hasSessions, params ReadOnlySpan<byte> rest)
    {
        var command = new TpmWriter().UInt16((ushort)(hasSessions ? 0x8002 : 0x8001)).UInt32((uint)(10 + rest.Length)).UInt32(code).Bytes(rest);
        return command.Written.ToArray();
    }

    public static uint CodeOf(byte[] command) => BinaryPrimitives.ReadUInt32BigEndian(command.AsSpan(6));

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                client.NoDelay = true;
                try
                {
                    await ServeAsync(client.GetStream());
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    // One of the two went away; the other learns it by the closed connection.
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(NetworkStream client)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_tpm.SocketPath));
        await using var tpm = new NetworkStream(socket);
        while (await ReadFrameAsync(client) is { } command)
        {
            _commands.Enqueue(command);
            if (Instead(command) is not { } answer)
            {
                if (Before(command) is { } other)
                {
                    await tpm.WriteAsync(other);
                    Assert.Equal(0u, CodeOf(await ReadFrameAsync(tpm) ?? throw new IOException("The TPM closed the connection.")));
                }

                await tpm.WriteAsync(command);
                answer = await ReadFrameAsync(tpm) ?? throw new IOException("The TPM closed the connection.");
                _answers.Enqueue(answer);
                answer = Change(command, answer);
            }

            await client.WriteAsync(answer);
        }
    }

    private static async Task<byte[]?> ReadFrameAsync(NetworkStream stream)
    {
        var header = new byte[10];
        if (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            return null;
        }

        var frame = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(2))];
        header.CopyTo(frame, 0);
        await stream.ReadExactlyAsync(frame.AsMemory(header.Length));
        return frame;
    }
}
