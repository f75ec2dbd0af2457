using System.Text.RegularExpressions;

namespace Mds.Operator.Api;

/// <summary>
/// What a text must look like: one pattern for the API server's schema and for this program's own reading, and the sentence
/// that a text which does not match is told.
/// </summary>
internal sealed class TextFormat
{
    private readonly Regex _regex;

    private TextFormat(string pattern, string sentence)
    {
        (Pattern, Sentence) = (pattern, sentence);
        _regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    /// <summary>The e-mail of a service account.</summary>
    public static TextFormat Email { get; } = new(@"^[^@/\s]+@[^@/\s]+$", "must be the e-mail of a service account.");

    /// <summary>A web address.</summary>
    public static TextFormat Url { get; } = new(@"^https?://[^\s]+$", "must be a URL that begins with http:// or https://.");

    /// <summary>The provider of a workload identity pool.</summary>
    public static TextFormat Provider { get; } = new(
        "^projects/[^/]+/locations/[^/]+/workloadIdentityPools/[^/]+/providers/[^/]+$",
        "must be projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.");

    /// <summary>A host, with a port or without.</summary>
    public static TextFormat Host { get; } = new(
        @"^(\[[0-9a-fA-F:.]+\]|[^:/\s\[\]]+)(:[0-9]{1,5})?$",
        "must be HOST or HOST:PORT, an IPv6 address in brackets.");

    /// <summary>A host with a port.</summary>
    public static TextFormat HostAndPort { get; } = new(
        @"^(\[[0-9a-fA-F:.]+\]|[^:/\s\[\]]+):[0-9]{1,5}$",
        "must be HOST:PORT, an IPv6 address in brackets.");

    /// <summary>A name or address that requests may call a server by.</summary>
    public static TextFormat AllowedHost { get; } = new(
        "^[-.:_0-9A-Za-z]+$",
        "must be a list of names or addresses, without ports.");

    /// <summary>A file of the node's devices.</summary>
    public static TextFormat Device { get; } = new("^/dev/[-._/0-9A-Za-z]+$", "must be the path of a device, such as /dev/tpmrm0.");

    /// <summary>The name of an extended resource.</summary>
    public static TextFormat ExtendedResource { get; } = new(
        @"^[-.0-9a-z]+/[-._0-9A-Za-z]+$",
        "must be the name of an extended resource, such as example.com/tpm.");

    /// <summary>A persistent handle of a TPM 2.0.</summary>
    public static TextFormat PersistentHandle { get; } = new(
        "^0x81[0-9a-fA-F]{6}$",
        "must be a persistent handle in hexadecimal, from 0x81000000 to 0x81ffffff.");

    /// <summary>A name in the sense of TPM 2.0, in hexadecimal.</summary>
    public static TextFormat TpmName { get; } = new("^([0-9a-fA-F]{2})+$", "must be the name of a key in hexadecimal.");

    /// <summary>The pattern, in the words that .NET and the API server's RE2 share.</summary>
    public string Pattern { get; }

    /// <summary>What is said to a text that does not match, after its path.</summary>
    public string Sentence { get; }

    /// <summary>Whether a text matches.</summary>
    /// <param name="text">The text.</param>
    public bool IsMatch(string text) =>
        // In .NET, $ also matches before a line feed that ends the text.
        !text.EndsWith('\n') && _regex.IsMatch(text);
}
