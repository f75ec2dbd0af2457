using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>A service account key, as Google's console makes it.</summary>
/// <param name="Account">The account.</param>
/// <param name="Key">The key's JSON file.</param>
/// <param name="UseOauthToken">Whether access tokens are exchanged at the token endpoint, rather than signed by the key itself.</param>
internal sealed record ServiceAccountKeyCredential(string Account, KeyReference Key, bool UseOauthToken) : EmulatorCredential(Account)
{
    private const string File = "key.json";

    /// <summary>The kind.</summary>
    public static CredentialKind Kind { get; } = new("serviceAccountKey", Schema, Read);

    /// <inheritdoc/>
    public override ImmutableArray<SecretFile> Secrets => [new(Key, File)];

    /// <inheritdoc/>
    public override JsonObject Settings(Emulator emulator, CredentialFolder folder) => new()
    {
        ["serviceAccountKey"] = new JsonObject { ["file"] = folder.File(File) }.With("useOauthToken", UseOauthToken ? null : false),
    };

    private static JsonObject Schema(bool cel) => Api.Schema.Object(
        "A service account key, as Google makes it.",
        ["secretKeyRef"],
        ("secretKeyRef", KeyReference.SecretSchema("The key's JSON file.")),
        ("useOauthToken", Api.Schema.Boolean(
            "Whether access tokens are got from Google's token endpoint. With false the key signs them itself, where the scopes "
            + "allow that: no call to Google, and such tokens are good for Google's APIs only.",
            true)));

    private static ServiceAccountKeyCredential Read(string account, SpecReader body) =>
        new(account, KeyReference.Read(body, "secretKeyRef"), body.Boolean("useOauthToken", true));
}
