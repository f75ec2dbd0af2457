using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mds.Cluster.Tests.Clusters;

/// <summary>
/// Looks for secrets in what MDS tells: every one that a test of this run put into a Secret or was given as a token, and whatever
/// looks like a token or a private key.
/// </summary>
public sealed partial class SecretSweep
{
    /// <summary>Shorter words may be anywhere by chance.</summary>
    private const int LeastLength = 12;

    private static readonly string[] Public = ["ca.crt", "tls.crt", "namespace"];

    private readonly HashSet<string> _words = new(StringComparer.Ordinal);

    /// <summary>Remembers what is at a key of a Secret.</summary>
    public void Add(string key, string text)
    {
        if (!Public.Contains(key))
        {
            _words.UnionWith(Words(text.Trim()).Where(word => word.Length >= LeastLength));
        }
    }

    /// <summary>Remembers what is in Secrets, but for the manifests that helm keeps there.</summary>
    public void Add(IEnumerable<JsonObject> secrets)
    {
        foreach (var secret in secrets.Where(secret => !((string?)secret["type"])!.StartsWith("helm.sh/", StringComparison.Ordinal)))
        {
            foreach (var (key, value) in secret["data"] as JsonObject ?? [])
            {
                Add(key, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)value!)));
            }
        }
    }

    /// <summary>What is secret in a text, as the places in it where it begins; none of it is quoted.</summary>
    public IReadOnlyList<string> Find(string text) =>
    [
        .. _words.Where(word => text.Contains(word, StringComparison.Ordinal))
            .Select(word => Place(text, text.IndexOf(word, StringComparison.Ordinal), "a secret of this run")),
        .. Shapes().Matches(text).Select(match => Place(text, match.Index, "what looks like a token or a private key")),
    ];

    // Line by line, as PEM is wrapped, and each token by itself.
    private static IEnumerable<string> Words(string text)
    {
        if (!text.StartsWith('{'))
        {
            return text.Split('\n').Where(line => !line.StartsWith("-----", StringComparison.Ordinal));
        }

        using var json = JsonDocument.Parse(text);
        return json.RootElement.EnumerateObject()
            .Where(field => field.Name is "private_key" or "client_secret" or "refresh_token" or "access_token" or "id_token")
            .SelectMany(field => Words(field.Value.GetString()!.Trim())).ToList();
    }

    private static string Place(string text, int index, string what)
    {
        var line = text[(text.LastIndexOf('\n', index) + 1)..index];
        return $"{what} after \"{(line.Length > 200 ? line[^200..] : line)}\"";
    }

    [GeneratedRegex(@"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|ya29\.|-----BEGIN [A-Z ]*PRIVATE KEY-----")]
    private static partial Regex Shapes();
}
