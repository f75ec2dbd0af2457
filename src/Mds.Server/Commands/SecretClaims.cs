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
        "instance/attributes/kube-env",
        "instance/attributes/user-data",
    ];

    private static readonly string[] NamedByUsers = ["/attributes/", "/guest-attributes/", "/partner-attributes/"];

    private static readonly string[] Words = ["password", "passwd", "secret", "token", "credential", "private-key", "private_key", "apikey", "api-key", "api_key"];

    /// <summary>Whether a value is not to be shown.</summary>
    /// <param name="path">Its path below <c>v1/</c>.</param>
    /// <param name="value">The value.</param>
    public static bool IsSecret(string path, string value) =>
        value.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
        || Paths.Any(secret => path.StartsWith(secret, StringComparison.Ordinal))
        || (NamedByUsers.Any(directory => path.Contains(directory, StringComparison.Ordinal))
            && Words.Any(word => path.Contains(word, StringComparison.OrdinalIgnoreCase)));
}
