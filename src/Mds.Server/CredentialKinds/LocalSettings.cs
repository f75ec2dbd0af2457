using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>The local issuer: tokens that only those accept who trust its keys. Google is not asked.</summary>
/// <param name="Account">The account.</param>
/// <param name="Issuer">The <c>iss</c> claim; <see langword="null"/> for the address of the issuer listener, else of the admin listener.</param>
/// <param name="KeyFile">A PEM file of RSA keys: the first signs, all are published; <see langword="null"/> for a key made at start.</param>
internal sealed record LocalSettings(string Account, string? Issuer = null, string? KeyFile = null)
    : CredentialSettings(Account)
{
    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new(
        "local", [new("issuer", "localIssuer"), new("keyFile", "localKeyFile")], Read)
    {
        Switch = "local",
        Title = "the local issuer",
    };

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => KeyFile is null ? [] : [KeyFile];

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings)
    {
        var address = Issuer ?? surroundings.Issuers.DefaultIssuer;
        var issuer = KeyFile is null
            ? surroundings.Issuers.WithoutKeyFile(address)
            : LocalIssuer.FromPem(address, files.Text(KeyFile), KeyFile);
        return new LoadedCredential
        {
            Source = email => new LocalIssuerSource(issuer, email ?? Account, surroundings.Time, surroundings.Machine),
            Issuer = issuer,
        };
    }

    private static LocalSettings Read(CredentialSection section) => new(
        section.Account, section.Address("issuer", "an issuer", "http://127.0.0.1:9000"), section.Text("keyFile"));
}
