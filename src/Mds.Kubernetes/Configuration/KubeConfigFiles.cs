using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mds.Kubernetes;

/// <summary>One or several kubeconfig files, merged as kubectl merges them: what is defined first counts.</summary>
internal sealed class KubeConfigFiles
{
    private readonly IReadOnlyList<KubeConfigNode> _documents;

    private KubeConfigFiles(IReadOnlyList<KubeConfigNode> documents) => _documents = documents;

    public static KubeConfigFiles Read(string paths)
    {
        var files = paths.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var existing = files.Where(File.Exists).ToList();
        if (existing.Count == 0)
        {
            throw new KubeConfigException(files.Length == 0
                ? "No kubeconfig file is named."
                : $"There is no kubeconfig file at {string.Join(" nor at ", files)}; name one with KUBECONFIG or --kubeconfig.");
        }

        return new KubeConfigFiles([.. existing.Select(Parse)]);
    }

    public KubeConfig ToKubeConfig(TimeProvider time)
    {
        var first = _documents[0];
        var withContext = _documents.FirstOrDefault(document => document.Text("current-context") is not null)
            ?? throw new KubeConfigException(
                $"{first.File}: current-context is not set; choose one with `kubectl config use-context NAME`.");
        var context = Entry("contexts", withContext, "current-context", "context");
        var cluster = Entry("clusters", context, "cluster", "cluster");
        // A context without a user is an anonymous caller, as for kubectl.
        var user = context.Text("user") is null ? null : Entry("users", context, "user", "user");

        var server = cluster.Text("server") ?? throw cluster.Error("", "has no server.");
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
        {
            throw cluster.Error("server", $"is '{server}'; it must be an https address.");
        }

        var proxy = cluster.Text("proxy-url");
        if (proxy is not null && !Uri.IsWellFormedUriString(proxy, UriKind.Absolute))
        {
            throw cluster.Error("proxy-url", "is not an address.");
        }

        return new KubeConfig
        {
            Server = address,
            Namespace = context.Text("namespace") ?? "default",
            CertificateAuthorities = Authorities(cluster),
            InsecureSkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
            TlsServerName = cluster.Text("tls-server-name"),
            Proxy = proxy is null ? null : new Uri(proxy),
            ImpersonateUser = user?.Text("as"),
            ImpersonateGroups = user?.Texts("as-groups") ?? [],
            Credential = user is null ? null : Credential(user, cluster, time),
        };
    }

    private static KubeConfigNode Parse(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            var stream = new YamlStream();
            stream.Load(reader);
            return stream.Documents.Count == 0
                ? throw new KubeConfigException($"{file}: the file is empty.")
                : stream.Documents[0].RootNode is YamlMappingNode root
                    ? new KubeConfigNode(file, "", root)
                    : throw new KubeConfigException($"{file}: the document is not a mapping, so it is no kubeconfig.");
        }
        catch (YamlException e)
        {
            // The message of the exception may quote the text around the error, and that may be a token.
            throw new KubeConfigException($"{file}, line {e.Start.Line}, column {e.Start.Column}: this is not valid YAML.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{file} can't be read: {e.Message}", e);
        }
    }

    /// <summary>Finds the named entry that <paramref name="key"/> of <paramref name="from"/> refers to.</summary>
    private KubeConfigNode Entry(string list, KubeConfigNode from, string key, string body)
    {
        var name = from.Text(key) ?? throw from.Error("", $"names no {key}.");
        var entries = _documents.SelectMany(document => document.Maps(list)).ToList();
        var entry = entries.Find(entry => entry.Name == name) ?? throw from.Error(
            key,
            $"is '{name}', but {list} has no such entry; it has {(entries.Count == 0 ? "none" : string.Join(", ", entries.Select(e => $"'{e.Name}'")))}.");
        return entry.Map(body) ?? throw entry.Error("", $"has no {body}.");
    }

    private static X509Certificate2Collection? Authorities(KubeConfigNode cluster)
    {
        if (Pem(cluster, "certificate-authority") is not { } pem)
        {
            return null;
        }

        var key = KeyOf(cluster, "certificate-authority");
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw cluster.Error(key, "holds a broken certificate.", e);
        }

        return authorities.Count > 0 ? authorities : throw cluster.Error(key, "holds no certificate in PEM form.");
    }

    private static ICredentialSource? Credential(KubeConfigNode user, KubeConfigNode cluster, TimeProvider time)
    {
        if (user.Map("auth-provider") is not null)
        {
            throw user.Error("auth-provider", "is not supported (Kubernetes removed it in 1.26); use an exec plugin.");
        }

        if (user.Text("username") is not null)
        {
            throw user.Error("username", "is not supported (Kubernetes removed basic authentication in 1.19); use a token or a client certificate.");
        }

        if (user.Map("exec") is { } exec)
        {
            return ExecCredential.From(exec, cluster, time);
        }

        var certificate = ClientCertificate(user);
        // The file counts before the text, as for client-go; the text is then only a copy made earlier.
        if (user.ResolvedPath("tokenFile") is { } tokenFile && certificate is null)
        {
            return File.Exists(tokenFile)
                ? new TokenFile(tokenFile, time)
                : throw user.Error("tokenFile", $"names {tokenFile}, which does not exist.");
        }

        var token = user.Text("token");
        return token is null && certificate is null ? null : new FixedCredential(new KubeCredential(token, certificate));
    }

    private static X509Certificate2? ClientCertificate(KubeConfigNode user)
    {
        var certificate = Pem(user, "client-certificate");
        var key = Pem(user, "client-key");
        if (certificate is null && key is null)
        {
            return null;
        }

        if (certificate is null || key is null)
        {
            throw user.Error("", $"has a {(certificate is null ? "client key without a client certificate" : "client certificate without a client key")}.");
        }

        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (CryptographicException)
        {
            throw user.Error(KeyOf(user, "client-certificate"), "and the client key are no pair in PEM form.");
        }
    }

    /// <summary>The text of <c>KEY-data</c> (base64) or of the file that <c>KEY</c> names.</summary>
    private static string? Pem(KubeConfigNode node, string key)
    {
        if (node.Text(key + "-data") is { } data)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException)
            {
                throw node.Error(key + "-data", "is not base64.");
            }
        }

        if (node.ResolvedPath(key) is not { } path)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw node.Error(key, $"names {path}, which can't be read.", e);
        }
    }

    private static string KeyOf(KubeConfigNode node, string key) => node.Text(key + "-data") is null ? key : key + "-data";
}
