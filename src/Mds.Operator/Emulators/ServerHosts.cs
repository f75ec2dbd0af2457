using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>The names and addresses by which pods call a server; a request that names another host comes from somewhere else.</summary>
internal static class ServerHosts
{
    // What Google's clients dial when no variable points them elsewhere (clients: google-auth, gcp-metadata, cloud.google.com/go),
    // and kubectl port-forward.
    private static readonly string[] Everywhere =
        ["metadata.google.internal", "metadata", "169.254.169.254", "localhost", "127.0.0.1", "::1"];

    /// <summary>Lists them.</summary>
    /// <param name="emulator">The emulator.</param>
    /// <param name="addresses">The addresses of its Service; empty while it has none.</param>
    /// <param name="clusterDomain">The domain that Services' names end in.</param>
    public static IEnumerable<string> Of(Emulator emulator, IEnumerable<string> addresses, string clusterDomain)
    {
        var name = emulator.ObjectName;
        string[] names =
        [
            name, $"{name}.{emulator.Namespace}", $"{name}.{emulator.Namespace}.svc", $"{name}.{emulator.Namespace}.svc.{clusterDomain}",
        ];
        return addresses.Concat(names).Concat(Everywhere).Concat(emulator.Access.AllowedHosts).Distinct(StringComparer.Ordinal);
    }
}
