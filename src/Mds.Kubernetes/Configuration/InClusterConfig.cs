using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mds.Kubernetes;

/// <summary>The configuration every pod gets: two environment variables and the folder of its service account.</summary>
internal static class InClusterConfig
{
    public const string DefaultFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static bool IsInCluster =>
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 }
        && File.Exists(Path.Combine(DefaultFolder, "token"));

    public static KubeConfig Read(string folder, Func<string, string?> environment, TimeProvider time)
    {
        var host = environment("KUBERNETES_SERVICE_HOST");
        var port = environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new KubeConfigException(
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is not a pod; name a kubeconfig file instead.");
        }

        var token = Path.Combine(folder, "token");
        if (!File.Exists(token))
        {
            throw new KubeConfigException(
                $"The pod has no service account token at {token}; set automountServiceAccountToken to true on the pod or its service account.");
        }

        var authorities = new X509Certificate2Collection();
        var authoritiesFile = Path.Combine(folder, "ca.crt");
        try
        {
            authorities.ImportFromPemFile(authoritiesFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new KubeConfigException($"The cluster's certificate authority at {authoritiesFile} can't be read: {e.Message}", e);
        }

        var namespaceFile = Path.Combine(folder, "namespace");
        return new KubeConfig
        {
            Server = new UriBuilder("https", host, ParsePort(port)).Uri,
            Namespace = File.Exists(namespaceFile) ? File.ReadAllText(namespaceFile).Trim() : "default",
            CertificateAuthorities = authorities,
            Credential = new TokenFile(token, time),
        };
    }

    private static int ParsePort(string text) =>
        int.TryParse(text, out var port) && port is > 0 and < 65536
            ? port
            : throw new KubeConfigException($"KUBERNETES_SERVICE_PORT is '{text}'; it must be a port number.");
}
