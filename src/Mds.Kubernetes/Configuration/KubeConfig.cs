using System.Security.Cryptography.X509Certificates;

namespace Mds.Kubernetes;

/// <summary>How to reach one API server, and as whom.</summary>
public sealed record KubeConfig
{
    /// <summary>The API server's address; may have a path.</summary>
    public required Uri Server { get; init; }

    /// <summary>The namespace that commands use when none is given: the context's, or the pod's own.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Who may have issued the server's certificate; null trusts what the machine trusts.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>Whether the server's certificate goes unchecked. For experiments only.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The name the server's certificate must carry, when it is not the address's host.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The HTTP proxy to go through; null takes the environment's.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Act as this user; the authenticated user must be allowed to impersonate it.</summary>
    public string? ImpersonateUser { get; init; }

    /// <summary>Act as a member of these groups.</summary>
    public IReadOnlyList<string> ImpersonateGroups { get; init; } = [];

    /// <summary>
    /// After how much silence a connection in use is pinged; it is given up when the answer takes half as long again.
    /// </summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where token and client certificate come from; null is an anonymous caller.</summary>
    internal ICredentialSource? Credential { get; init; }

    /// <summary>
    /// Loads the configuration the way operators do: <paramref name="kubeconfig"/> when given, else the pod's own service
    /// account, else the files of <c>KUBECONFIG</c>, else <c>~/.kube/config</c>.
    /// </summary>
    /// <param name="kubeconfig">A kubeconfig file, or several separated as in <c>PATH</c>.</param>
    /// <param name="time">The clock for tokens that are read again; null is the system's.</param>
    /// <exception cref="KubeConfigException">None was found, or the one found is not usable.</exception>
    public static KubeConfig Load(string? kubeconfig = null, TimeProvider? time = null)
    {
        if (!string.IsNullOrEmpty(kubeconfig))
        {
            return FromFiles(kubeconfig, time);
        }

        if (InClusterConfig.IsInCluster)
        {
            return InCluster(time);
        }

        var files = Environment.GetEnvironmentVariable("KUBECONFIG");
        return FromFiles(
            string.IsNullOrEmpty(files)
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")
                : files,
            time);
    }

    /// <summary>Reads kubeconfig files; where several define the same thing, the first one counts.</summary>
    /// <param name="paths">One path, or several separated as in <c>PATH</c>. Of several, those that do not exist are skipped.</param>
    /// <param name="time">The clock for tokens that are read again; null is the system's.</param>
    /// <exception cref="KubeConfigException">A file is missing or broken, or its current context is not usable.</exception>
    public static KubeConfig FromFiles(string paths, TimeProvider? time = null) =>
        KubeConfigFiles.Read(paths).ToKubeConfig(time ?? TimeProvider.System);

    /// <summary>The service account of the pod this process runs in. Its token is read again as the kubelet renews it.</summary>
    /// <param name="time">The clock; null is the system's.</param>
    /// <exception cref="KubeConfigException">This is no pod, or it has no service account token mounted.</exception>
    public static KubeConfig InCluster(TimeProvider? time = null) => InClusterConfig.Read(
        InClusterConfig.DefaultFolder, Environment.GetEnvironmentVariable, time ?? TimeProvider.System);

    /// <summary>The same server, reached with a bearer token instead.</summary>
    /// <param name="token">The token.</param>
    public KubeConfig WithToken(string token) => With(new KubeCredential(token, null));

    /// <summary>The same server and credentials, but acting as somebody else.</summary>
    /// <param name="user">The user, such as <c>system:serviceaccount:mds:mds-operator</c>.</param>
    /// <param name="groups">The groups to be a member of.</param>
    public KubeConfig Impersonating(string user, params IReadOnlyList<string> groups) =>
        this with { ImpersonateUser = user, ImpersonateGroups = groups };

    /// <summary>The server's address alone: nothing in it is secret.</summary>
    public override string ToString() => Server.GetLeftPart(UriPartial.Path);

    private KubeConfig With(KubeCredential credential) =>
        this with { Credential = new FixedCredential(credential), ImpersonateUser = null, ImpersonateGroups = [] };
}
