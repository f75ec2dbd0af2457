namespace Mds.Kubernetes.Tests.Configuration;

public sealed class KubeConfigFilesTests : IDisposable
{
    private const string Cluster = "clusters: [{name: c, cluster: {server: 'https://192.0.2.1:6443'}}]\n";
    private const string Context = "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "FILE: the file is empty.")]
    [InlineData("[]", "FILE: the document is not a mapping, so it is no kubeconfig.")]
    [InlineData("a: b\nusers: {]", "FILE, line 2, column 9: this is not valid YAML.")]
    [InlineData(Cluster, "FILE: current-context is not set; choose one with `kubectl config use-context NAME`.")]
    [InlineData("current-context: y\n" + Cluster, "FILE, line 1: current-context is 'y', but contexts has no such entry; it has none.")]
    [InlineData("contexts:\n- name: x\n- name: z\ncurrent-context: y", "FILE, line 4: current-context is 'y', but contexts has no such entry; it has 'x', 'z'.")]
    [InlineData("contexts:\n- name: x\ncurrent-context: x", "FILE, line 2: contexts[0] has no context.")]
    [InlineData("contexts:\n- name: x\n  context: {user: u}\ncurrent-context: x", "FILE, line 3: contexts[0].context names no cluster.")]
    [InlineData("contexts: {a: b}\ncurrent-context: x", "FILE, line 1: contexts must be a list, not a mapping.")]
    [InlineData("current-context: [x]", "FILE, line 1: current-context must be a string, not a list.")]
    [InlineData(Context + "clusters: [{name: c, cluster: {}}]\nusers: [{name: u, user: {}}]", "FILE, line 3: clusters[0].cluster has no server.")]
    [InlineData(Context + "clusters: [{name: c, cluster: {server: here}}]\nusers: [{name: u, user: {}}]", "FILE, line 3: clusters[0].cluster.server is 'here'; it must be an https address.")]
    [InlineData(Context + "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority-data: '!'}}]\nusers: [{name: u, user: {}}]", "FILE, line 3: clusters[0].cluster.certificate-authority-data is not base64.")]
    [InlineData(Context + "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority-data: aGk=}}]\nusers: [{name: u, user: {}}]", "FILE, line 3: clusters[0].cluster.certificate-authority-data holds no certificate in PEM form.")]
    [InlineData(Context + "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority: none.crt}}]\nusers: [{name: u, user: {}}]", "FILE, line 3: clusters[0].cluster.certificate-authority names FOLDER/none.crt, which can't be read.")]
    [InlineData(Context + "clusters: [{name: c, cluster: {server: 'https://a', insecure-skip-tls-verify: perhaps}}]\nusers: [{name: u, user: {}}]", "FILE, line 3: clusters[0].cluster.insecure-skip-tls-verify must be true or false, not a string.")]
    [InlineData(Context + Cluster, "FILE, line 2: contexts[0].context.user is 'u', but users has no such entry; it has none.")]
    [InlineData(Context + Cluster + "users: [{name: u, user: {client-certificate-data: aGk=}}]", "FILE, line 4: users[0].user has a client certificate without a client key.")]
    [InlineData(Context + Cluster + "users: [{name: u, user: {client-certificate-data: aGk=, client-key-data: aGk=}}]", "FILE, line 4: users[0].user.client-certificate-data and the client key are no pair in PEM form.")]
    [InlineData(Context + Cluster + "users: [{name: u, user: {username: a, password: b}}]", "FILE, line 4: users[0].user.username is not supported (Kubernetes removed basic authentication in 1.19); use a token or a client certificate.")]
    [InlineData(Context + Cluster + "users: [{name: u, user: {auth-provider: {name: gcp}}}]", "FILE, line 4: users[0].user.auth-provider is not supported (Kubernetes removed it in 1.26); use an exec plugin.")]
    [InlineData(Context + Cluster + "users: [{name: u, user: {tokenFile: none}}]", "FILE, line 4: users[0].user.tokenFile names FOLDER/none, which does not exist.")]
    [InlineData(Context + Cluster + "users: [{name: u, user: {exec: {command: a}}}]", "FILE, line 4: users[0].user.exec has no apiVersion.")]
    [InlineData(Context + Cluster + "users: [{name: u, user: {exec: {apiVersion: v0, command: a}}}]", "FILE, line 4: users[0].user.exec.apiVersion is 'v0'; it must be client.authentication.k8s.io/v1 or v1beta1.")]
    [InlineData(Context + Cluster + "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: a, interactiveMode: Always}}}]", "FILE, line 4: users[0].user.exec.interactiveMode is Always, but there is no terminal here.")]
    public void FromFiles_BrokenFile_SaysFileLineAndPath(string text, string expected)
    {
        var file = _folder.Write("config", text);

        var error = Assert.Throws<KubeConfigException>(() => KubeConfig.FromFiles(file));

        Assert.Equal(expected, error.Message.Replace(file, "FILE", StringComparison.Ordinal).Replace(_folder.Path, "FOLDER", StringComparison.Ordinal));
    }

    [Fact]
    public void FromFiles_NoFile_NamesAllThatWereTried()
    {
        var (first, second) = (Path.Combine(_folder.Path, "a"), Path.Combine(_folder.Path, "b"));

        var error = Assert.Throws<KubeConfigException>(() => KubeConfig.FromFiles($"{first}{Path.PathSeparator}{second}"));

        Assert.Equal($"There is no kubeconfig file at {first} nor at {second}; name one with KUBECONFIG or --kubeconfig.", error.Message);
    }

    [Fact]
    public async Task FromFiles_TwoFiles_TheFirstDefinitionCountsAndPathsAreRelativeToTheirFile()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "sub"));
        _folder.Write("sub/secret", "from-file\n");
        var first = _folder.Write("first", "clusters: [{name: c, cluster: {server: 'https://192.0.2.7/prefix', tls-server-name: inner, proxy-url: 'http://192.0.2.8:3128'}}]\n");
        var second = _folder.Write(
            "sub/second",
            Cluster + "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u, namespace: team}}]\nusers: [{name: u, user: {tokenFile: secret, as: jane, as-groups: [a, b]}}]");

        var config = KubeConfig.FromFiles(string.Join(Path.PathSeparator, first, Path.Combine(_folder.Path, "missing"), second));

        Assert.Equal(new Uri("https://192.0.2.7/prefix"), config.Server);
        Assert.Equal(("inner", new Uri("http://192.0.2.8:3128"), "team"), (config.TlsServerName, config.Proxy, config.Namespace));
        Assert.Equal("jane", config.ImpersonateUser);
        Assert.Equal(["a", "b"], config.ImpersonateGroups);
        Assert.Equal("from-file", (await config.Credential!.GetAsync(Ct)).Token);
    }

    [Fact]
    public void ToString_WithCredentials_ShowsNone()
    {
        var file = _folder.Write("config", Context + Cluster + "users: [{name: u, user: {token: s3cret}}]");

        var config = KubeConfig.FromFiles(file);

        Assert.Equal("https://192.0.2.1:6443/", config.ToString());
    }

    [Fact]
    public async Task Exec_Command_RunsOncePerExpiryWithArgumentsAndEnvironment()
    {
        var time = new ManualTime();
        var calls = Path.Combine(_folder.Path, "calls");
        var script = $$$"""
            echo "$1 $EXTRA $KUBERNETES_EXEC_INFO" >> {{{calls}}}
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t-'$(wc -l < {{{calls}}})'","expirationTimestamp":"2030-01-01T01:00:00Z"}}'
            """;
        var config = KubeConfig.FromFiles(Exec("/bin/sh", ["-c", script, "sh", "argument"], "provideClusterInfo: true, env: [{name: EXTRA, value: extra}]"), time);

        var first = await config.Credential!.GetAsync(Ct);
        var again = await config.Credential.GetAsync(Ct);
        time.Advance(TimeSpan.FromHours(1));
        var expired = await config.Credential.GetAsync(Ct);

        Assert.Equal(("t-1", "t-1", "t-2"), (first.Token, again.Token, expired.Token));
        Assert.Equal(
            """argument extra {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"https://192.0.2.1:6443"}}}""",
            (await File.ReadAllLinesAsync(calls, Ct))[0]);
        Assert.True(config.Credential.Reject(expired));
        Assert.Equal("t-3", (await config.Credential.GetAsync(Ct)).Token);
    }

    [Theory]
    [InlineData("exit 3", "users[0].user.exec.command '/bin/sh' ended with exit code 3; run it by hand to see why.")]
    [InlineData("echo s3cret", "users[0].user.exec.command '/bin/sh' did not print an ExecCredential of client.authentication.k8s.io/v1 with a status.")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'""", "users[0].user.exec.command '/bin/sh' printed neither a token nor a client certificate with its key.")]
    public async Task Exec_CommandFails_SaysHowWithoutItsOutput(string script, string expected)
    {
        var file = Exec("/bin/sh", ["-c", script], "env: []");

        var error = await Assert.ThrowsAsync<KubeConfigException>(
            async () => await KubeConfig.FromFiles(file).Credential!.GetAsync(Ct));

        Assert.Equal($"{file}, line 4: {expected}", error.Message);
    }

    [Fact]
    public async Task Exec_NoSuchCommand_GivesTheInstallHint()
    {
        var file = Exec("no-such-plugin", [], "installHint: Get it from the shop.");
        using var client = new KubeClient(KubeConfig.FromFiles(file));

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.VersionAsync(Ct));

        Assert.Equal(
            $"GET /version failed: {file}, line 4: users[0].user.exec.command 'no-such-plugin' can't be started. Get it from the shop.",
            error.Message);
    }

    private string Exec(string command, string[] arguments, string more) => _folder.Write(
        "config",
        Context + Cluster
            + $"users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {command}, "
            + $"args: {System.Text.Json.JsonSerializer.Serialize(arguments)}, {more}}}}}}}]");
}
