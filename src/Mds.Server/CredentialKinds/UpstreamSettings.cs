using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>The tokens of an account of another metadata server.</summary>
/// <param name="Account">The account here.</param>
/// <param name="Address">The other server's host, with a port if it is not 80.</param>
/// <param name="UpstreamAccount">The account there.</param>
internal sealed record UpstreamSettings(string Account, string Address, string UpstreamAccount = CredentialSettings.DefaultAccount)
    : CredentialSettings(Account)
{
    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new("upstream", [new("address", "upstream"), new("account")], Read)
    {
        Switch = "upstream",
        Title = "another metadata server",
    };

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings)
    {
        var source = new UpstreamSource(surroundings.Upstream(Address), UpstreamAccount, surroundings.Time);
        return new LoadedCredential { Source = _ => source };
    }

    private static UpstreamSettings? Read(CredentialSection section)
    {
        if (section.Required("address", "Give the other server's host, with a port if it is not 80.") is null)
        {
            return null;
        }

        return new(
            section.Account,
            section.HostAndPort("address") ?? "",
            section.Text("account") ?? (section.Account.Contains('@', StringComparison.Ordinal) ? section.Account : DefaultAccount));
    }
}
