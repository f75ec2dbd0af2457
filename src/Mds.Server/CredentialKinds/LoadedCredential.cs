using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>A credential that tokens can be made with.</summary>
internal sealed record LoadedCredential
{
    /// <summary>
    /// Makes the source of tokens. It is given the account's e-mail address in the claims, for those kinds that speak for
    /// whom the claims name; <see langword="null"/> where the claims name nobody, and wherever
    /// <see cref="Description"/> has a principal.
    /// </summary>
    public required Func<string?, ITokenSource> Source { get; init; }

    /// <summary>What the credential itself says of account and project, before any claims are known.</summary>
    public TokenSourceDescription? Description { get; init; }

    /// <summary>The local issuer, where this is one: its keys are published.</summary>
    public LocalIssuer? Issuer { get; init; }

    /// <summary>Whether it makes sense to ask for an access token before anybody wants one.</summary>
    public bool Prefetch { get; init; } = true;

    /// <summary>
    /// Tells the SHA-256 of the public key in lower-case hexadecimal, where the credential is a key that others know by
    /// it; <see langword="null"/> until the hardware has told, where the key is in such.
    /// </summary>
    public Func<string?> KeyFingerprint { get; init; } = static () => null;

    /// <summary>
    /// Tells why nothing more is tried with this credential until the settings or files change, because trying would do
    /// harm; it tells <see langword="null"/> while all is well, and is <see langword="null"/> where trying does no harm.
    /// </summary>
    public Func<string?>? Refusal { get; init; }

    /// <summary>What has to be let go of when another credential takes this one's place.</summary>
    public IDisposable? Held { get; init; }
}
