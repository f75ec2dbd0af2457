using System.Globalization;

namespace Mds.Tpm.Tests.Server;

/// <summary>The memory of another process, as <c>/proc/PID/mem</c> shows it to who started it.</summary>
internal static class ProcessMemory
{
    private const int Piece = 1 << 20;

    /// <summary>How often bytes stand in what the process can write to: heaps, stacks and buffers, whoever made them.</summary>
    /// <param name="id">The process.</param>
    /// <param name="wanted">The bytes.</param>
    public static int Count(int id, ReadOnlySpan<byte> wanted)
    {
        using var memory = new FileStream($"/proc/{id}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[Piece + wanted.Length - 1];
        var count = 0;
        foreach (var (start, end) in Writable(id))
        {
            // Pieces overlap by a byte less than what is looked for, so that nothing is found twice or between two.
            for (var at = start; at < end; at += Piece)
            {
                count += System.MemoryExtensions.Count(Read(memory, at, end, buffer), wanted);
            }
        }

        return count;
    }

    private static IEnumerable<(long Start, long End)> Writable(int id)
    {
        foreach (var line in File.ReadAllLines($"/proc/{id}/maps"))
        {
            if (line.Split(' ') is [var range, ['r', 'w', ..], ..] && range.Split('-') is [var start, var end])
            {
                yield return (long.Parse(start, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                    long.Parse(end, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            }
        }
    }

    private static ReadOnlySpan<byte> Read(FileStream memory, long at, long end, byte[] buffer)
    {
        try
        {
            var wanted = (int)Math.Min(buffer.Length, end - at);
            memory.Position = at;
            return buffer.AsSpan(0, memory.ReadAtLeast(buffer.AsSpan(0, wanted), wanted, throwOnEndOfStream: false));
        }
        catch (IOException)
        {
            // Given back to the system since the list was read.
            return [];
        }
    }
}
