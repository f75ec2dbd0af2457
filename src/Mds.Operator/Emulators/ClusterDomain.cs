namespace Mds.Operator.Emulators;

/// <summary>The domain that the names of a cluster's Services end in. The API does not tell it; a pod's resolver does.</summary>
internal static class ClusterDomain
{
    /// <summary>The domain of almost every cluster.</summary>
    public const string Default = "cluster.local";

    private const string Marker = "svc.";

    /// <summary>Finds it in the text of a pod's <c>/etc/resolv.conf</c>, which searches <c>svc.DOMAIN</c>.</summary>
    /// <param name="resolvConf">The text.</param>
    public static string In(string resolvConf) =>
        resolvConf.Split('\n')
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .LastOrDefault(words => words is ["search", ..])?
            .Skip(1)
            .Where(domain => domain.StartsWith(Marker, StringComparison.Ordinal) && domain.Length > Marker.Length)
            .Select(domain => domain[Marker.Length..].TrimEnd('.'))
            .FirstOrDefault() ?? Default;
}
