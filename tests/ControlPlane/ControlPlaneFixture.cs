using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Xunit;

namespace ControlPlane;

/// <summary>
/// A real etcd and kube-apiserver on free ports of this machine, with RBAC, for one test assembly or class. There is no
/// controller manager and no node: nothing runs, nothing is collected as garbage, and namespaces are never really gone.
/// The ServiceAccount admission is off, so that pods need no service account.
/// </summary>
public sealed class ControlPlaneFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("control-plane-").FullName;
    private readonly CertificateAuthority _authority = new();
    private Etcd? _etcd;
    private ApiServer? _apiServer;
    private KubeClient? _client;

    /// <summary>What the API server is told besides.</summary>
    public IReadOnlyList<string> MoreArguments { get; init; } = [];

    /// <summary>A client that may do everything.</summary>
    public KubeClient Client => _client ?? throw new InvalidOperationException("The control plane is not started.");

    /// <summary>The administrator's kubeconfig file.</summary>
    public string Kubeconfig => Path.Combine(_folder, "admin.kubeconfig");

    /// <summary>The administrator's configuration.</summary>
    public KubeConfig Config => Client.Config;

    /// <summary>The certificate of the authority that the API server's certificate comes from.</summary>
    public string AuthorityPem => _authority.Pem;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        Write("ca.crt", _authority.Pem);
        using (var server = _authority.IssueServer("kube-apiserver"))
        using (var key = server.GetECDsaPrivateKey()!)
        {
            Write("apiserver.crt", server.ExportCertificatePem());
            Write("apiserver.key", key.ExportPkcs8PrivateKeyPem());
        }

        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            Write("sa.key", key.ExportPkcs8PrivateKeyPem());
            Write("sa.pub", key.ExportSubjectPublicKeyInfoPem());
        }

        _etcd = await Etcd.StartAsync(_folder, cancellationToken);
        _apiServer = new ApiServer(_folder, Arguments, port =>
        {
            WriteKubeconfig("admin.kubeconfig", port, "admin", ["system:masters"]);
            return KubeConfig.FromFiles(Kubeconfig);
        });
        await _apiServer.StartAsync(cancellationToken);
        _client = new KubeClient(KubeConfig.FromFiles(Kubeconfig));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_apiServer is not null)
        {
            await _apiServer.DisposeAsync();
        }

        if (_etcd is not null)
        {
            await _etcd.DisposeAsync();
        }

        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Kills the API server as a crash would. Only for a control plane that is not shared.</summary>
    public Task StopApiServerAsync() => _apiServer!.StopAsync();

    /// <summary>Starts the API server again, at the same address.</summary>
    /// <param name="cancellationToken">The test's end.</param>
    public Task StartApiServerAsync(CancellationToken cancellationToken) => _apiServer!.StartAsync(cancellationToken);

    /// <summary>
    /// Makes etcd forget its history. The API server remembers recent changes on its own, except of LimitRanges, whose
    /// watch cache is off for this.
    /// </summary>
    /// <param name="cancellationToken">The test's end.</param>
    public Task CompactAsync(CancellationToken cancellationToken) => _etcd!.CompactAsync(cancellationToken);

    /// <summary>A relay in front of the API server whose connections can be cut or frozen.</summary>
    public Relay CreateRelay() => new(_apiServer!.Port);

    /// <summary>Writes a kubeconfig for a user with a client certificate.</summary>
    /// <param name="user">The user.</param>
    /// <param name="groups">The user's groups.</param>
    /// <param name="relay">The relay to go through; null goes straight to the API server.</param>
    /// <returns>The file.</returns>
    public string KubeconfigFor(string user, IEnumerable<string> groups, Relay? relay = null) =>
        WriteKubeconfig($"{Guid.NewGuid():N}.kubeconfig", relay?.Port ?? _apiServer!.Port, user, groups);

    /// <summary>The configuration of a service account with a real token; the account is made if there is none.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The test's end.</param>
    public async Task<KubeConfig> ServiceAccountAsync(string ns, string name, CancellationToken cancellationToken) =>
        Config.WithToken(await ServiceAccountTokenAsync(ns, name, cancellationToken));

    /// <summary>A real token of a service account; the account is made if there is none.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The test's end.</param>
    public async Task<string> ServiceAccountTokenAsync(string ns, string name, CancellationToken cancellationToken)
    {
        var account = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ServiceAccount",
            ["metadata"] = new JsonObject { ["namespace"] = ns, ["name"] = name },
        };
        await Client.ApplyAsync(KubeResources.ServiceAccounts, account, "tests", cancellationToken: cancellationToken);
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject { ["expirationSeconds"] = 3600 },
        };
        var answer = await Client.CreateSubresourceAsync(
            KubeResources.ServiceAccounts, ns, name, "token", request, cancellationToken);
        return answer["status"]!["token"]!.GetValue<string>();
    }

    /// <summary>Creates a namespace with a name of its own.</summary>
    /// <param name="cancellationToken">The test's end.</param>
    /// <returns>Its name.</returns>
    public async Task<string> CreateNamespaceAsync(CancellationToken cancellationToken)
    {
        var name = $"test-{Guid.NewGuid():N}"[..20];
        var resource = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = name },
        };
        await Client.CreateAsync(KubeResources.Namespaces, resource, cancellationToken: cancellationToken);
        return name;
    }

    private string[] Arguments(int port) =>
    [
        "--etcd-servers", _etcd!.Address.AbsoluteUri.TrimEnd('/'),
        "--bind-address", "127.0.0.1",
        "--advertise-address", "127.0.0.1",
        "--secure-port", $"{port}",
        "--endpoint-reconciler-type", "none",
        "--cert-dir", _folder,
        "--tls-cert-file", Path.Combine(_folder, "apiserver.crt"),
        "--tls-private-key-file", Path.Combine(_folder, "apiserver.key"),
        "--client-ca-file", Path.Combine(_folder, "ca.crt"),
        "--service-account-key-file", Path.Combine(_folder, "sa.pub"),
        "--service-account-signing-key-file", Path.Combine(_folder, "sa.key"),
        "--service-account-issuer", "https://kubernetes.default.svc",
        "--service-cluster-ip-range", "10.96.0.0/16",
        "--authorization-mode", "RBAC",
        "--disable-admission-plugins", "ServiceAccount",
        "--allow-privileged",
        "--watch-cache-sizes", "limitranges#0",
        .. MoreArguments,
    ];

    private string WriteKubeconfig(string file, int port, string user, IEnumerable<string> groups)
    {
        using var certificate = _authority.IssueClient(user, groups);
        using var key = certificate.GetECDsaPrivateKey()!;
        // JSON is YAML.
        var kubeconfig = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["current-context"] = "test",
            ["contexts"] = Named("context", new JsonObject { ["cluster"] = "test", ["user"] = "test" }),
            ["clusters"] = Named("cluster", new JsonObject
            {
                ["server"] = $"https://127.0.0.1:{port}",
                ["certificate-authority-data"] = Base64(_authority.Pem),
            }),
            ["users"] = Named("user", new JsonObject
            {
                ["client-certificate-data"] = Base64(certificate.ExportCertificatePem()),
                ["client-key-data"] = Base64(key.ExportPkcs8PrivateKeyPem()),
            }),
        };
        return Write(file, kubeconfig.ToJsonString());

        static JsonArray Named(string kind, JsonObject value) => [new JsonObject { ["name"] = "test", [kind] = value }];
        static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
