using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>
/// A credential that a command prints: <c>client.authentication.k8s.io/v1</c> and <c>v1beta1</c>, which is how GKE, EKS
/// and AKS kubeconfigs work. The command runs without a terminal; what it prints is kept until it expires.
/// </summary>
#pragma warning disable CA1001 // A semaphore whose wait handle is never asked for holds nothing to dispose.
internal sealed class ExecCredential : ICredentialSource
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly KubeConfigNode _source;
    private readonly TimeProvider _time;
    private readonly string _apiVersion;
    private readonly string _command;
    private readonly IReadOnlyList<string> _arguments;
    private readonly ImmutableArray<(string Name, string Value)> _environment;
    private KubeCredential? _current;
    private DateTimeOffset _expires;

    private ExecCredential(
        KubeConfigNode source,
        TimeProvider time,
        string apiVersion,
        string command,
        IReadOnlyList<string> arguments,
        ImmutableArray<(string Name, string Value)> environment) =>
        (_source, _time, _apiVersion, _command, _arguments, _environment) =
        (source, time, apiVersion, command, arguments, environment);

    /// <summary>Reads the <c>exec</c> section of a kubeconfig's user.</summary>
    public static ExecCredential From(KubeConfigNode exec, KubeConfigNode cluster, TimeProvider time)
    {
        var apiVersion = exec.Text("apiVersion") ?? throw exec.Error("", "has no apiVersion.");
        if (apiVersion is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
        {
            throw exec.Error("apiVersion", $"is '{apiVersion}'; it must be client.authentication.k8s.io/v1 or v1beta1.");
        }

        if (exec.Text("interactiveMode") == "Always")
        {
            throw exec.Error("interactiveMode", "is Always, but there is no terminal here.");
        }

        var command = exec.Text("command") ?? throw exec.Error("", "has no command.");
        var spec = new JsonObject { ["interactive"] = false };
        if (exec.Flag("provideClusterInfo"))
        {
            spec["cluster"] = ClusterInfo(cluster);
        }

        var info = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = "ExecCredential", ["spec"] = spec };
        return new ExecCredential(
            exec,
            time,
            apiVersion,
            // A relative path is relative to the kubeconfig; a bare name is looked up in PATH.
            command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? exec.ResolvedPath("command")! : command,
            exec.Texts("args"),
            [
                .. exec.Maps("env").Select(entry => (entry.Name ?? "", entry.Text("value") ?? "")),
                ("KUBERNETES_EXEC_INFO", info.ToJsonString()),
            ]);
    }

    public async ValueTask<KubeCredential> GetAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_current is null || _time.GetUtcNow() >= _expires)
            {
                (_current, _expires) = Parse(await RunAsync(cancellationToken));
            }

            return _current;
        }
        finally
        {
            _turn.Release();
        }
    }

    public bool Reject(KubeCredential credential)
    {
        Interlocked.CompareExchange(ref _current, null, credential);
        return true;
    }

    private static JsonObject ClusterInfo(KubeConfigNode cluster)
    {
        var info = new JsonObject { ["server"] = cluster.Text("server") };
        foreach (var key in (string[])["tls-server-name", "certificate-authority-data", "proxy-url"])
        {
            if (cluster.Text(key) is { } value)
            {
                info[key] = value;
            }
        }

        if (cluster.Flag("insecure-skip-tls-verify"))
        {
            info["insecure-skip-tls-verify"] = true;
        }

        return info;
    }

    private async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_command, _arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        process.StandardInput.Close();
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? output
                : throw _source.Error("command", $"'{_command}' ended with exit code {process.ExitCode}; run it by hand to see why.");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            var hint = _source.Text("installHint");
            throw _source.Error("command", $"'{_command}' can't be started. {hint?.Trim() ?? "Is it installed and in PATH?"}", e);
        }
    }

    private (KubeCredential Credential, DateTimeOffset Expires) Parse(string output)
    {
        // What the command printed is a secret: no message quotes it.
        var document = KubeJson.TryParseObject(output);
        if (document is null
            || KubeJson.TextOf(document["kind"]) != "ExecCredential"
            || KubeJson.TextOf(document["apiVersion"]) != _apiVersion
            || document["status"] is not JsonObject status)
        {
            throw _source.Error("command", $"'{_command}' did not print an ExecCredential of {_apiVersion} with a status.");
        }

        var token = KubeJson.TextOf(status["token"]);
        var certificate = Certificate(
            KubeJson.TextOf(status["clientCertificateData"]), KubeJson.TextOf(status["clientKeyData"]));
        if (token is null && certificate is null)
        {
            throw _source.Error("command", $"'{_command}' printed neither a token nor a client certificate with its key.");
        }

        var expires = DateTimeOffset.TryParse(
            KubeJson.TextOf(status["expirationTimestamp"]), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : DateTimeOffset.MaxValue;
        return (new KubeCredential(token, certificate), expires);
    }

    private X509Certificate2? Certificate(string? certificate, string? key)
    {
        try
        {
            return certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (CryptographicException)
        {
            throw _source.Error("command", $"'{_command}' printed a client certificate and key that are no pair in PEM form.");
        }
    }
}
