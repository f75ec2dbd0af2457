using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>
/// Workload identity federation: somebody else's token exchanged for Google's, without any key. Either the token of the
/// server's own Kubernetes account, for a provider that trusts this cluster, or whatever an external account file says.
/// </summary>
/// <param name="Account">The account.</param>
/// <param name="Provider">The provider of the workload identity pool; null with a file.</param>
/// <param name="Audience">The audience of the Kubernetes token; null for the one Google expects of the provider.</param>
/// <param name="Impersonate">The service account to impersonate with the federated identity; null for none.</param>
/// <param name="ExpirationSeconds">How long the Kubernetes token lives.</param>
/// <param name="CredentialConfig">The external account file; null with a provider.</param>
internal sealed record WorkloadIdentityCredential(
    string Account, string? Provider, string? Audience, string? Impersonate, int ExpirationSeconds, KeyReference? CredentialConfig)
    : EmulatorCredential(Account)
{
    /// <summary>What is said to a credential with neither a provider nor a file, or with both.</summary>
    public const string SourceSentence =
        "workloadIdentity needs exactly one of provider and credentialConfig; audience and impersonate belong to provider.";

    private const string File = "config.json";
    private const int DefaultExpiration = 3600;
    private const int LeastExpiration = 600;
    private const int LongestExpiration = 86400;

    /// <summary>The kind.</summary>
    public static CredentialKind Kind { get; } = new("workloadIdentity", Schema, Read);

    /// <inheritdoc/>
    public override ImmutableArray<SecretFile> Secrets => CredentialConfig is null ? [] : [new(CredentialConfig, File)];

    /// <inheritdoc/>
    // The audience a provider accepts when it lists none of its own (docs: workload-identity-federation-with-kubernetes).
    public override KubernetesToken? Token =>
        Provider is null ? null : new(Audience ?? $"https://iam.googleapis.com/{Provider}", ExpirationSeconds);

    /// <inheritdoc/>
    public override JsonObject Settings(Emulator emulator, CredentialFolder folder) => new()
    {
        ["workloadIdentity"] = Provider is null
            ? new JsonObject { ["file"] = folder.File(File) }
            : new JsonObject { ["provider"] = Provider }
                .With("impersonate", Impersonate)
                .With("tokenFile", folder.TokenFile),
    };

    private static JsonObject Schema(bool cel)
    {
        var schema = Api.Schema.Object(
            "Workload identity federation: the server's Kubernetes token, exchanged for Google's, without any key.",
            [],
            ("provider", Api.Schema.String(
                "The provider that trusts this cluster: projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.",
                512,
                TextFormat.Provider)),
            ("audience", Api.Schema.String(
                "The audience of the Kubernetes token. Without it, the one Google expects of this provider.",
                2048)),
            ("impersonate", Api.Schema.String(
                "The e-mail of a service account to impersonate. Without it, the federated identity itself is granted access.",
                MetadataEmulatorSchema.EmailLength,
                TextFormat.Email)),
            ("tokenExpirationSeconds", Api.Schema.Integer(
                "How long the Kubernetes token lives.", LeastExpiration, LongestExpiration, DefaultExpiration)),
            ("credentialConfig", KeyReference.SecretSourceSchema(
                "An external account file, instead of a provider: for identities that are not this cluster's, such as those of AWS "
                + "and Azure. Programs that such a file names are not started.")));
        return cel
            ? schema.WithRule(
                "has(self.provider) ? !has(self.credentialConfig) : has(self.credentialConfig) && !has(self.audience) && !has(self.impersonate)",
                SourceSentence)
            : schema.With("oneOf", new JsonArray(Api.Schema.Required("provider"), Api.Schema.Required("credentialConfig")));
    }

    private static WorkloadIdentityCredential Read(string account, SpecReader body)
    {
        if (body.Has("provider") == body.Has("credentialConfig")
            || (body.Has("credentialConfig") && (body.Has("audience") || body.Has("impersonate"))))
        {
            body.Problem(SourceSentence);
        }

        return new(
            account,
            body.String("provider", TextFormat.Provider),
            body.String("audience"),
            body.String("impersonate", TextFormat.Email),
            body.Integer("tokenExpirationSeconds", DefaultExpiration, LeastExpiration, LongestExpiration),
            KeyReference.ReadSource(body, "credentialConfig"));
    }
}
