using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>The tokens of another metadata server.</summary>
/// <param name="Account">The account.</param>
/// <param name="Address">That server.</param>
/// <param name="UpstreamAccount">The account there.</param>
internal sealed record UpstreamCredential(string Account, string Address, string UpstreamAccount) : EmulatorCredential(Account)
{
    private const string DefaultAccount = "default";

    /// <summary>The kind.</summary>
    public static CredentialKind Kind { get; } = new("upstream", Schema, Read);

    /// <inheritdoc/>
    public override JsonObject Settings(Emulator emulator, CredentialFolder folder) => new()
    {
        ["upstream"] = new JsonObject { ["address"] = Address, ["account"] = UpstreamAccount },
    };

    private static JsonObject Schema(bool cel) => Api.Schema.Object(
        "The tokens of another metadata server, such as the node's own on Google Cloud.",
        ["address"],
        ("address", Api.Schema.String(
            "That server, HOST or HOST:PORT; 169.254.169.254 is the node's own.", 261, TextFormat.Host)),
        ("account", Api.Schema.String(
            "The account there: default, or the e-mail of a service account.",
            MetadataEmulatorSchema.EmailLength,
            TextFormat.Account.Pattern,
            DefaultAccount)));

    private static UpstreamCredential Read(string account, SpecReader body) =>
        new(account, body.RequiredString("address", TextFormat.Host), body.String("account", TextFormat.Account) ?? DefaultAccount);
}
