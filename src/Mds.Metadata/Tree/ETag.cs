using System.Security.Cryptography;

namespace Mds.Metadata;

/// <summary>
/// ETags in the form of a real server: 16 lowercase hexadecimal digits (observed 2019-11) that depend on the content
/// alone. Google's own function is not known; nothing compares across servers.
/// </summary>
internal static class ETag
{
    public static string Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return Convert.ToHexStringLower(hash[..8]);
    }
}
