using System.Text.Json.Nodes;
using Mds.Credentials;

namespace Mds.Server.Reload;

/// <summary>The local issuers that have no key file, and what is published of all of them.</summary>
/// <param name="defaultIssuer">The issuer's address where the settings give none.</param>
internal sealed class LocalIssuers(string defaultIssuer)
{
    private readonly Dictionary<string, LocalIssuer> _withoutKeyFile = new(StringComparer.Ordinal);

    /// <summary>The issuer's address where the settings give none.</summary>
    public string DefaultIssuer { get; } = defaultIssuer;

    /// <summary>The issuer at an address, with a key made when it was first asked for.</summary>
    /// <param name="issuer">The address.</param>
    public LocalIssuer WithoutKeyFile(string issuer)
    {
        if (!_withoutKeyFile.TryGetValue(issuer, out var made))
        {
            made = new LocalIssuer(issuer);
            _withoutKeyFile.Add(issuer, made);
        }

        return made;
    }

    /// <summary>One key set of several issuers' keys, each key once.</summary>
    /// <param name="issuers">The issuers.</param>
    public static ReadOnlyMemory<byte> KeySet(IReadOnlyList<LocalIssuer> issuers)
    {
        if (issuers.DistinctBy(issuer => issuer.KeyId).Count() == 1)
        {
            return issuers[0].Jwks;
        }

        var keys = issuers.DistinctBy(issuer => issuer.KeyId)
            .SelectMany(issuer => JsonNode.Parse(issuer.Jwks.Span)!["keys"]!.AsArray())
            .Select(key => key!.DeepClone());
        return System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["keys"] = new JsonArray([.. keys]) }.ToJsonString());
    }
}
