using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>A service account key that never leaves a TPM 2.0.</summary>
/// <param name="Account">The account.</param>
internal sealed record TpmCredential(string Account) : EmulatorCredential(Account)
{
    /// <summary>What is said to a TPM that is nowhere, or in two places.</summary>
    public const string PlaceSentence =
        "tpm needs either an address, or a device of the node: device, resource or both. group belongs to a device.";

    /// <summary>What is said to a key that is nowhere, or in two places.</summary>
    public const string KeySentence = "tpm needs exactly one of persistentHandle and keySecretRef.";

    private const string DefaultDevice = "/dev/tpmrm0";
    private const string KeyFile = "tpm-key.pem";
    private const string KeyPasswordFile = "tpm-key-password";
    private const string ParentPasswordFile = "tpm-parent-password";
    private const int LastRegister = 23;

    /// <summary>The kind.</summary>
    public static CredentialKind Kind { get; } = new("tpm", Schema, Read);

    /// <summary>The TPM's address; null when it is a device.</summary>
    public string? Address { get; private init; }

    /// <summary>The key's persistent handle; null when it is a file.</summary>
    public string? PersistentHandle { get; private init; }

    /// <summary>The key's file; null when it is at a handle.</summary>
    public KeyReference? Key { get; private init; }

    /// <summary>The key's password; null for none.</summary>
    public KeyReference? KeyPassword { get; private init; }

    /// <summary>The password of its parent; null for none.</summary>
    public KeyReference? ParentPassword { get; private init; }

    /// <summary>The registers its policy is bound to.</summary>
    public ImmutableArray<int> Pcrs { get; private init; } = [];

    /// <summary>Whether its parent is the endorsement key.</summary>
    public bool EndorsementParent { get; private init; }

    /// <summary>The name of the endorsement key that sessions are encrypted to; null for plain sessions.</summary>
    public string? SessionEncryptionName { get; private init; }

    /// <summary>The id that Google gave the public key; null when it is to find the key without.</summary>
    public string? KeyId { get; private init; }

    /// <summary>Whether access tokens are exchanged at the token endpoint, rather than signed by the key itself.</summary>
    public bool UseOauthToken { get; private init; }

    /// <inheritdoc/>
    public override NodeDevice? Device => DeviceOfNode;

    /// <inheritdoc/>
    public override ImmutableArray<SecretFile> Secrets =>
    [
        .. new[] { (Key, KeyFile), (KeyPassword, KeyPasswordFile), (ParentPassword, ParentPasswordFile) }
            .Where(each => each.Item1 is not null)
            .Select(each => new SecretFile(each.Item1!, each.Item2)),
    ];

    private NodeDevice? DeviceOfNode { get; init; }

    /// <inheritdoc/>
    public override JsonObject Settings(Emulator emulator, CredentialFolder folder) => new()
    {
        ["tpm"] = new JsonObject()
            .With("device", Device?.Path)
            .With("address", Address)
            .With("persistentHandle", PersistentHandle)
            .With("keyFile", Key is null ? null : folder.File(KeyFile))
            .With("keyPasswordFile", KeyPassword is null ? null : folder.File(KeyPasswordFile))
            .With("parentPasswordFile", ParentPassword is null ? null : folder.File(ParentPasswordFile))
            .With("pcrs", Pcrs.IsEmpty ? null : new JsonArray([.. Pcrs.Select(pcr => JsonValue.Create(pcr))]))
            .With("endorsementParent", EndorsementParent ? true : null)
            .With("sessionEncryptionName", SessionEncryptionName)
            .With("keyId", KeyId)
            .With("useOauthToken", UseOauthToken ? true : null),
    };

    private static JsonObject Schema(bool cel)
    {
        var schema = Api.Schema.Object(
            "A service account key that never leaves a TPM 2.0.",
            [],
            ("device", Api.Schema.String(
                "The TPM's device on the node; /dev/tpmrm0 where only resource is set. Without resource it takes a namespace whose Pod "
                + "Security level is privileged.",
                255,
                TextFormat.Device)),
            ("resource", Api.Schema.String(
                "The extended resource by which a device plugin hands out the device.", 255, TextFormat.ExtendedResource)),
            ("group", new JsonObject
            {
                ["description"] = "The number of the group that may open the device, which the server's pod then belongs to: stat -c %g "
                    + "/dev/tpmrm0, on the node.",
                ["type"] = "integer",
                ["format"] = "int64",
                ["minimum"] = 0,
                ["maximum"] = int.MaxValue,
            }),
            ("address", Api.Schema.String("The TPM's address, HOST:PORT, instead of a device.", 261, TextFormat.HostAndPort)),
            ("persistentHandle", Api.Schema.String("The key's persistent handle.", 10, TextFormat.PersistentHandle)),
            ("keySecretRef", KeyReference.SecretSchema("The key's file (TSS2 PRIVATE KEY), instead of a handle.")),
            ("keyPasswordSecretRef", KeyReference.SecretSchema("The key's password.")),
            ("parentPasswordSecretRef", KeyReference.SecretSchema("The password of the key's parent, or of the endorsement hierarchy.")),
            ("pcrs", Api.Schema.Set(
                "The platform configuration registers the key's policy is bound to.",
                LastRegister + 1,
                new JsonObject { ["type"] = "integer", ["format"] = "int32", ["minimum"] = 0, ["maximum"] = LastRegister })),
            ("endorsementParent", Api.Schema.Boolean("Whether the key's parent is the endorsement key.", false)),
            ("sessionEncryptionName", Api.Schema.String(
                "The name (hex) of the endorsement key that sessions are encrypted to.", 68, TextFormat.TpmName)),
            ("keyId", Api.Schema.String(
                "The id that Google gave the uploaded public key (gcloud iam service-accounts keys list), for the header of what the key "
                + "signs. Google finds the key without it.",
                255,
                TextFormat.KeyId)),
            ("useOauthToken", Api.Schema.Boolean(
                "Whether access tokens are got from Google's token endpoint, rather than signed by the key itself where the scopes allow that.",
                false)));
        return cel
            ? schema
                .WithRule(
                    "has(self.address) ? !has(self.device) && !has(self.resource) && !has(self.group) : has(self.device) || has(self.resource)",
                    PlaceSentence)
                .WithRule("has(self.persistentHandle) != has(self.keySecretRef)", KeySentence)
            : schema.With("allOf", new JsonArray(
                new JsonObject
                {
                    ["oneOf"] = new JsonArray(
                        Api.Schema.Required("address"),
                        new JsonObject { ["anyOf"] = new JsonArray(Api.Schema.Required("device"), Api.Schema.Required("resource")) }),
                },
                new JsonObject
                {
                    ["oneOf"] = new JsonArray(Api.Schema.Required("persistentHandle"), Api.Schema.Required("keySecretRef")),
                }));
    }

    private static TpmCredential Read(string account, SpecReader body)
    {
        var onNode = body.Has("device") || body.Has("resource");
        if (body.Has("address") == (onNode || body.Has("group")))
        {
            body.Problem(PlaceSentence);
        }

        if (body.Has("persistentHandle") == body.Has("keySecretRef"))
        {
            body.Problem(KeySentence);
        }

        var resource = body.String("resource", TextFormat.ExtendedResource);
        var device = body.String("device", TextFormat.Device) ?? DefaultDevice;
        var group = body.Has("group") ? body.Integer("group", 0, 0, int.MaxValue) : (int?)null;
        return new(account)
        {
            DeviceOfNode = onNode ? new NodeDevice(device, resource, group) : null,
            Address = body.String("address", TextFormat.HostAndPort),
            PersistentHandle = body.String("persistentHandle", TextFormat.PersistentHandle),
            Key = Reference(body, "keySecretRef"),
            KeyPassword = Reference(body, "keyPasswordSecretRef"),
            ParentPassword = Reference(body, "parentPasswordSecretRef"),
            Pcrs = body.Integers("pcrs", 0, LastRegister),
            EndorsementParent = body.Boolean("endorsementParent", false),
            SessionEncryptionName = body.String("sessionEncryptionName", TextFormat.TpmName),
            KeyId = body.String("keyId", TextFormat.KeyId),
            UseOauthToken = body.Boolean("useOauthToken", false),
        };
    }

    private static KeyReference? Reference(SpecReader body, string field) => body.Has(field) ? KeyReference.Read(body, field) : null;
}
