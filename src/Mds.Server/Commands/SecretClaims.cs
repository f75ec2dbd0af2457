namespace Mds.Server.Commands;

/// <summary>
/// Which claims are not to be put on a screen. Claims should hold no secrets, since every program on the machine can ask
/// for them; on real machines some do all the same.
/// </summary>
internal static class SecretClaims
{
    // Google's own: keys of workloads, the node's credentials of Kubernetes (kube-env), cloud-init's user data.
    private static readonly string[] Paths =
    [
        "instance/credentials/",
        "instance/gce-workload-certificates/workload-identities",
        "attributes/kube-env",
        "attributes/user-data",
    ];

    private static readonly string[] NamedByUsers = ["/attributes/", "/guest-attributes/", "/partner-attributes/"];

    private static readonly string[] Words = ["password", "passwd", "secret", "token", "credential", "private-key", "private_key", "apikey", "api-key", "api_key"];

    /// <summary>Whether a value is not to be shown.</summary>
    /// <param name="path">Its path below <c>v1/</c>.</param>
    /// <param name="value">The value.</param>
    public static bool IsSecret(string path, string value) =>
        value.Contains("PRIVATE KEY-----", StringComparison.Ordinal) || IsSecret(path);

    /// <summary>The same of a whole path and of a value in UTF-8, without memory.</summary>
    /// <param name="path">The path.</param>
    /// <param name="utf8">The value.</param>
    public static bool IsSecret(ReadOnlySpan<char> path, ReadOnlySpan<byte> utf8) =>
        utf8.IndexOf("PRIVATE KEY-----"u8) >= 0 || IsSecret(path);

    // Several slashes count as one, as they do when the tree is read.
    private static bool IsSecret(ReadOnlySpan<char> path) => path.Contains("//", StringComparison.Ordinal)
        ? IsSecretAt(string.Join('/', path.ToString().Split('/', StringSplitOptions.RemoveEmptyEntries).Prepend("")))
        : IsSecretAt(path);

    private static bool IsSecretAt(ReadOnlySpan<char> path) =>
        ContainsAny(path, Paths, StringComparison.Ordinal)
        || (ContainsAny(path, NamedByUsers, StringComparison.Ordinal) && ContainsAny(path, Words, StringComparison.OrdinalIgnoreCase));

    private static bool ContainsAny(ReadOnlySpan<char> path, string[] parts, StringComparison comparison)
    {
        foreach (var part in parts)
        {
            if (path.Contains(part, comparison))
            {
                return true;
            }
        }

        return false;
    }
}
