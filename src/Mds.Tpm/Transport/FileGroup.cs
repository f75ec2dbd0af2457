using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Mds.Tpm;

/// <summary>
/// The group that a file belongs to, which .NET does not tell. It is asked of the C library, because container images have
/// no program that could be asked.
/// </summary>
internal static class FileGroup
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint Group = 0x10; // STATX_GID
    private const int Size = 256;
    private const int GroupOffset = 24; // stx_gid of struct statx, which is the same on every architecture (linux/stat.h)

    /// <summary>Its name where /etc/group has one, else its number; <see langword="null"/> when it cannot be told.</summary>
    /// <param name="path">The file.</param>
    public static string? Of(string path)
    {
        var answer = new byte[Size];
        try
        {
            if (Statx(CurrentFolder, path, 0, Group, answer) != 0)
            {
                return null;
            }
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }

        var offset = answer.AsSpan(GroupOffset);
        var number = (BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(offset) : BinaryPrimitives.ReadUInt32BigEndian(offset))
            .ToString(CultureInfo.InvariantCulture);
        return Name(number) ?? number;
    }

    private static string? Name(string number)
    {
        try
        {
            return File.ReadLines("/etc/group").Select(line => line.Split(':')).FirstOrDefault(entry => entry is [_, _, var known, ..] && known == number)?[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] answer);
}
