using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>Tokens of another service account, got by impersonating it.</summary>
/// <param name="Account">The account.</param>
/// <param name="TargetPrincipal">Whom to impersonate.</param>
/// <param name="Delegates">The chain between the source and the target.</param>
/// <param name="LifetimeSeconds">How long a token lives.</param>
/// <param name="Source">The credential that may impersonate; null for the application default credentials of the node.</param>
internal sealed record ImpersonationCredential(
    string Account, string TargetPrincipal, ImmutableArray<string> Delegates, int LifetimeSeconds, KeyReference? Source)
    : EmulatorCredential(Account)
{
    private const string File = "source.json";
    private const int DefaultLifetime = 3600;
    private const int LeastLifetime = 300;
    private const int LongestLifetime = 43200;

    /// <summary>The kind.</summary>
    public static CredentialKind Kind { get; } = new("impersonation", Schema, Read);

    /// <inheritdoc/>
    public override ImmutableArray<SecretFile> Secrets => Source is null ? [] : [new(Source, File)];

    /// <inheritdoc/>
    public override JsonObject Settings(Emulator emulator, CredentialFolder folder) => new()
    {
        ["impersonation"] = new JsonObject { ["targetPrincipal"] = TargetPrincipal }
            .With("delegates", Delegates.IsEmpty ? null : new JsonArray([.. Delegates.Select(each => JsonValue.Create(each))]))
            .With("lifetimeSeconds", LifetimeSeconds)
            .With("sourceFile", Source is null ? null : folder.File(File)),
    };

    private static JsonObject Schema(bool cel) => Api.Schema.Object(
        "Tokens of another service account, got by impersonating it.",
        ["targetPrincipal"],
        ("targetPrincipal", Api.Schema.String(
            "The e-mail of the service account to impersonate.", MetadataEmulatorSchema.EmailLength, TextFormat.Email)),
        ("delegates", Api.Schema.List(
            "The chain of service accounts between the source and the target, by e-mail.",
            16,
            new JsonObject
            {
                ["type"] = "string", ["maxLength"] = MetadataEmulatorSchema.EmailLength, ["pattern"] = TextFormat.Email.Pattern,
            })),
        ("lifetimeSeconds", Api.Schema.Integer(
            "How long a token lives. More than an hour takes an organization policy that allows it.",
            LeastLifetime,
            LongestLifetime,
            DefaultLifetime)),
        ("source", KeyReference.SecretSourceSchema(
            "The credential that may impersonate: a service account key, a person's login (application default credentials) or an "
            + "external account file. Without it, the application default credentials of the node that the server runs on.")));

    private static ImpersonationCredential Read(string account, SpecReader body) => new(
        account,
        body.RequiredString("targetPrincipal", TextFormat.Email),
        body.Strings("delegates", TextFormat.Email),
        body.Integer("lifetimeSeconds", DefaultLifetime, LeastLifetime, LongestLifetime),
        KeyReference.ReadSource(body, "source"));
}
