using Mds.Credentials;

namespace Mds.Server.Reload;

/// <summary>The local issuers that have no key file.</summary>
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
}
