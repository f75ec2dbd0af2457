using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>Tokens made elsewhere, handed out as they are.</summary>
/// <param name="Account">The account.</param>
/// <param name="AccessToken">The access token; null for none.</param>
/// <param name="IdentityToken">The identity token; null for none.</param>
internal sealed record StaticCredential(string Account, KeyReference? AccessToken, KeyReference? IdentityToken)
    : EmulatorCredential(Account)
{
    /// <summary>What is said to a credential without any token.</summary>
    public const string OneTokenSentence = "static needs accessToken, identityToken or both.";

    private const string AccessTokenFile = "access-token";
    private const string IdentityTokenFile = "identity-token";

    /// <summary>The kind.</summary>
    public static CredentialKind Kind { get; } = new("static", Schema, Read);

    /// <inheritdoc/>
    public override ImmutableArray<SecretFile> Secrets =>
    [
        .. AccessToken is null ? (SecretFile[])[] : [new(AccessToken, AccessTokenFile)],
        .. IdentityToken is null ? (SecretFile[])[] : [new(IdentityToken, IdentityTokenFile)],
    ];

    /// <inheritdoc/>
    public override JsonObject Settings(Emulator emulator, CredentialFolder folder) => new()
    {
        ["static"] = new JsonObject()
            .With("accessTokenFile", AccessToken is null ? null : folder.File(AccessTokenFile))
            .With("identityTokenFile", IdentityToken is null ? null : folder.File(IdentityTokenFile)),
    };

    private static JsonObject Schema(bool cel)
    {
        var schema = Api.Schema.Object(
            "Tokens made elsewhere, handed out as they are.",
            [],
            ("accessToken", KeyReference.SecretSourceSchema("The access token.")),
            ("identityToken", KeyReference.SecretSourceSchema("The identity token, whatever audience is asked for.")));
        return cel
            ? schema.WithRule("has(self.accessToken) || has(self.identityToken)", OneTokenSentence)
            : schema.With("anyOf", new JsonArray(Api.Schema.Required("accessToken"), Api.Schema.Required("identityToken")));
    }

    private static StaticCredential Read(string account, SpecReader body)
    {
        if (!body.Has("accessToken") && !body.Has("identityToken"))
        {
            body.Problem(OneTokenSentence);
        }

        return new(account, KeyReference.ReadSource(body, "accessToken"), KeyReference.ReadSource(body, "identityToken"));
    }
}
