using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Credentials;

/// <summary>The server's own issuer: tokens that look like Google's and are signed here.</summary>
/// <param name="Account">The account.</param>
/// <param name="Issuer">The <c>iss</c> of its identity tokens; null for the address of the emulator's own Service.</param>
/// <param name="SigningKey">An RSA private key in PEM; null for one that each server makes when it starts.</param>
internal sealed record LocalCredential(string Account, string? Issuer, KeyReference? SigningKey) : EmulatorCredential(Account)
{
    private const string File = "key.pem";

    /// <summary>The kind.</summary>
    public static CredentialKind Kind { get; } = new("local", Schema, Read);

    /// <inheritdoc/>
    public override ImmutableArray<SecretFile> Secrets => SigningKey is null ? [] : [new(SigningKey, File)];

    /// <inheritdoc/>
    public override JsonObject Settings(Emulator emulator, CredentialFolder folder) => new()
    {
        ["local"] = new JsonObject { ["issuer"] = Issuer ?? ServerSettings.IssuerUrl(emulator) }.With("keyFile", SigningKey is null ? null : folder.File(File)),
    };

    private static JsonObject Schema(bool cel) => Api.Schema.Object(
        "Tokens the server signs itself. They look like Google's, and Google does not take them: for tests, and for services that "
        + "trust this issuer.",
        [],
        ("issuer", Api.Schema.String(
            "The issuer (iss) of identity tokens, and where its keys are found. Without it http://mds-NAME.NAMESPACE.svc:16177, a port "
            + "of the emulator's own Service.",
            2048,
            TextFormat.Url)),
        ("signingKey", KeyReference.SecretSourceSchema(
            "The RSA private key in PEM. Without it each server pod makes one of its own when it starts, so that tokens of different "
            + "pods are signed by different keys.")));

    private static LocalCredential Read(string account, SpecReader body) => new(
        account,
        body.String("issuer", TextFormat.Url),
        KeyReference.ReadSource(body, "signingKey"));
}
