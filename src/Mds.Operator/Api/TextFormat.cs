using System.Text.RegularExpressions;

namespace Mds.Operator.Api;

/// <summary>
/// What a text must look like: one pattern for the API server's schema and for this program's own reading, and the sentence
/// that a text which does not match is told. None is laxer than the server's own reading of the settings: what is accepted here
/// and refused there would be pods that end as soon as they start.
/// </summary>
internal sealed class TextFormat
{
    // A DNS name or an IPv4 address. The labels of real names have no underscores; those of internal ones do.
    private const string Name = @"[0-9A-Za-z]([-_0-9A-Za-z]{0,61}[0-9A-Za-z])?(\.[0-9A-Za-z]([-_0-9A-Za-z]{0,61}[0-9A-Za-z])?)*";
    private const string Version6 = "[0-9a-fA-F:.]*:[0-9a-fA-F:.]*";
    private const string AnyHost = $@"({Name}|\[{Version6}\])";
    private const string Port = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

    // ASCII that can be seen, without / and @.
    private const string Letters = "[!-.0-?A-~]+";

    private readonly Regex _regex;
    private readonly Func<string, bool> _isOne;

    // What no regular expression says, of IPv6 addresses most of all, is said by a function: only by this program, then.
    private TextFormat(string pattern, string sentence, Func<string, bool>? isOne = null)
    {
        (Pattern, Sentence, _isOne) = (pattern, sentence, isOne ?? (_ => true));
        _regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    /// <summary>The e-mail of a service account.</summary>
    public static TextFormat Email { get; } = new($"^{Letters}@{Letters}$", "must be the e-mail of a service account.");

    /// <summary>The account of a credential: <c>default</c> or the e-mail of a service account.</summary>
    public static TextFormat Account { get; } = new($"^(default|{Letters}@{Letters})$", MetadataEmulatorSchema.AccountSentence);

    /// <summary>A web address.</summary>
    public static TextFormat Url { get; } = new(
        $"^https?://{AnyHost}(:{Port})?(/[!-~]*)?$",
        "must be a URL that begins with http:// or https://.",
        text => Uri.TryCreate(text, UriKind.Absolute, out _));

    /// <summary>The provider of a workload identity pool.</summary>
    public static TextFormat Provider { get; } = new(
        "^projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+$",
        "must be projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.");

    /// <summary>A host, with a port or without.</summary>
    public static TextFormat Host { get; } = new(
        $"^{AnyHost}(:{Port})?$",
        "must be HOST or HOST:PORT, an IPv6 address in brackets.",
        IsAuthority);

    /// <summary>A host with a port.</summary>
    public static TextFormat HostAndPort { get; } = new(
        $"^{AnyHost}:{Port}$",
        "must be HOST:PORT, an IPv6 address in brackets.",
        IsAuthority);

    /// <summary>A name or address that requests may call a server by.</summary>
    public static TextFormat AllowedHost { get; } = new(
        $"^({Name}|{Version6})$",
        "must be a list of names or addresses, without ports.",
        text => Uri.CheckHostName(text) != UriHostNameType.Unknown);

    /// <summary>A file of the node's devices.</summary>
    public static TextFormat Device { get; } = new("^/dev(/[-_0-9A-Za-z][-._0-9A-Za-z]*)+$", "must be the path of a device, such as /dev/tpmrm0.");

    /// <summary>The name of an extended resource.</summary>
    public static TextFormat ExtendedResource { get; } = new(
        @"^[0-9a-z]([-0-9a-z]*[0-9a-z])?(\.[0-9a-z]([-0-9a-z]*[0-9a-z])?)*/[0-9A-Za-z]([-._0-9A-Za-z]{0,61}[0-9A-Za-z])?$",
        "must be the name of an extended resource, such as example.com/tpm.");

    /// <summary>A persistent handle of a TPM 2.0.</summary>
    public static TextFormat PersistentHandle { get; } = new(
        "^0x81[0-9a-fA-F]{6}$",
        "must be a persistent handle in hexadecimal, from 0x81000000 to 0x81ffffff.");

    /// <summary>The name of a key in the sense of TPM 2.0, in hexadecimal: the number of SHA-256, and the hash.</summary>
    public static TextFormat TpmName { get; } = new(
        "^000[bB][0-9a-fA-F]{64}$",
        "must be the name of a key in hexadecimal: 000b and 64 digits more.");

    /// <summary>The id of a service account's key.</summary>
    public static TextFormat KeyId { get; } = new("^[0-9A-Za-z]([-._0-9A-Za-z]*[0-9A-Za-z])?$", "must be the id of a key: letters and digits.");

    /// <summary>The pattern, in the words that .NET and the API server's RE2 share.</summary>
    public string Pattern { get; }

    /// <summary>What is said to a text that does not match, after its path.</summary>
    public string Sentence { get; }

    /// <summary>Whether a text matches.</summary>
    /// <param name="text">The text.</param>
    public bool IsMatch(string text) =>
        // In .NET, $ also matches before a line feed that ends the text.
        !text.EndsWith('\n') && _regex.IsMatch(text) && _isOne(text);

    private static bool IsAuthority(string text) => Uri.TryCreate($"http://{text}/", UriKind.Absolute, out _);
}
