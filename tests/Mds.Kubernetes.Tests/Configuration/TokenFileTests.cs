using ControlPlane;

namespace Mds.Kubernetes.Tests.Configuration;

public sealed class TokenFileTests(ControlPlaneFixture controlPlane) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task GetAsync_FileRewritten_IsReadAgainAfterAMinute()
    {
        var path = _folder.Write("token", "first\n");
        var source = new TokenFile(path, _time);
        var first = await source.GetAsync(Ct);

        File.WriteAllText(path, "second\n");
        _time.Advance(TimeSpan.FromSeconds(59));
        var early = await source.GetAsync(Ct);
        _time.Advance(TimeSpan.FromSeconds(1));
        var late = await source.GetAsync(Ct);

        Assert.Equal(("first", "first", "second"), (first.Token, early.Token, late.Token));
    }

    [Fact]
    public async Task GetAsync_FileGoneForAMoment_KeepsTheToken()
    {
        var path = _folder.Write("token", "first");
        var source = new TokenFile(path, _time);
        await source.GetAsync(Ct);

        File.Delete(path);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("first", (await source.GetAsync(Ct)).Token);
    }

    [Fact]
    public async Task GetAsync_NeverAFile_SaysWhichIsMissing()
    {
        var path = Path.Combine(_folder.Path, "token");

        var error = await Assert.ThrowsAsync<KubeConfigException>(async () => await new TokenFile(path, _time).GetAsync(Ct));

        Assert.Equal($"The token file {path} is missing, empty or not readable; without it no request can be made.", error.Message);
    }

    [Fact]
    public async Task InCluster_TokenRenewedByTheKubelet_IsUsedAtOnceWhenTheOldOneIsRejected()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var server = controlPlane.Config.Server;
        var token = _folder.Write("token", "expired");
        _folder.Write("ca.crt", controlPlane.AuthorityPem);
        _folder.Write("namespace", ns);
        var environment = new Dictionary<string, string>
        {
            ["KUBERNETES_SERVICE_HOST"] = server.Host,
            ["KUBERNETES_SERVICE_PORT"] = $"{server.Port}",
        };
        var config = InClusterConfig.Read(_folder.Path, environment.GetValueOrDefault, _time);
        using var client = new KubeClient(config);

        var rejected = await Assert.ThrowsAsync<KubeApiException>(() => client.VersionAsync(Ct));
        File.WriteAllText(token, await controlPlane.ServiceAccountTokenAsync(ns, "app", Ct));
        var version = await client.VersionAsync(Ct);

        Assert.Equal(401, rejected.Code);
        Assert.NotEqual("", version.GitVersion);
        Assert.Equal(ns, config.Namespace);
    }

    [Fact]
    public void InCluster_NoPod_SaysWhatIsMissing()
    {
        var error = Assert.Throws<KubeConfigException>(() => InClusterConfig.Read(_folder.Path, _ => null, _time));
        Assert.Equal(
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is not a pod; name a kubeconfig file instead.",
            error.Message);

        error = Assert.Throws<KubeConfigException>(() => InClusterConfig.Read(_folder.Path, _ => "443", _time));
        Assert.Equal(
            $"The pod has no service account token at {_folder.Path}/token; set automountServiceAccountToken to true on the pod or its service account.",
            error.Message);
    }
}
