using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mds.Operator.Api;

/// <summary>
/// Reads a raw MetadataEmulator. Never fails: what is wrong becomes a sentence in <see cref="Emulator.Problems"/>, and
/// the rest is read, so that one bad field does not blind the webhook to the emulator's endpoint.
/// </summary>
internal static partial class EmulatorReader
{
    /// <summary>The kinds of credential, of which each account has one, and whether this version serves them.</summary>
    public static readonly ImmutableArray<(string Field, bool Supported)> CredentialKinds =
    [
        ("serviceAccountKey", true),
        ("impersonation", false),
        ("workloadIdentity", false),
        ("tpm", false),
        ("static", false),
        ("local", true),
    ];

    /// <summary>Reads one.</summary>
    /// <param name="raw">The object as the API server sent it; shared, never written to.</param>
    public static Emulator Read(JsonObject raw)
    {
        var problems = new List<string>();
        var unsupported = new List<string>();
        var root = new SpecReader(raw, "$", problems);
        var metadata = root.Object("metadata");
        var spec = root.Object("spec");
        var status = root.Object("status");
        var name = metadata.RequiredString("name");
        if (name.Length > MetadataEmulator.MaxNameLength || !Name().IsMatch(name))
        {
            metadata.Problem(MetadataEmulatorSchema.NameSentence, "name");
        }

        var mode = spec.Choice("mode", EmulatorMode.Deployment);
        if (mode != EmulatorMode.Deployment)
        {
            unsupported.Add($"$.spec.mode: {mode} is not supported yet; use Deployment.");
        }

        var flavor = spec.Choice("flavor", EmulatorFlavor.GCE);
        if (flavor != EmulatorFlavor.GCE)
        {
            unsupported.Add($"$.spec.flavor: {flavor} is not supported yet; use GCE.");
        }

        if (spec.Has("claims") && spec.Has("claimsFrom"))
        {
            spec.Problem(MetadataEmulatorSchema.ClaimsSentence);
        }

        var access = spec.Object("access");
        var injection = spec.Object("injection");
        return new Emulator
        {
            Namespace = metadata.RequiredString("namespace"),
            Name = name,
            Uid = metadata.String("uid") ?? "",
            Generation = raw["metadata"]?["generation"] is { } generation
                ? long.Parse(generation.ToJsonString(), CultureInfo.InvariantCulture)
                : 0,
            Deleting = metadata.Has("deletionTimestamp"),
            Mode = mode,
            Flavor = flavor,
            Claims = spec.Object("claims").Source ?? [],
            ClaimsFrom = spec.Has("claimsFrom") ? Reference(spec.Object("claimsFrom"), "configMapKeyRef") : null,
            Credentials = Credentials(spec, unsupported),
            Access = new EmulatorAccess(access.Strings("namespaces"), access.Boolean("networkPolicy", true)),
            Injection = new EmulatorInjection(injection.Boolean("env", true), injection.Boolean("hostAliases", false)),
            Replicas = spec.Object("deployment").Integer("replicas", 2, 0, MetadataEmulator.MaxReplicas),
            PodTemplate = PodTemplate(spec.Object("podTemplate")),
            Endpoint = Endpoint(status.Source),
            Status = status.Source ?? [],
            Raw = raw,
            Problems = [.. problems],
            Unsupported = [.. unsupported],
        };
    }

    /// <summary>Reads the endpoint of a status.</summary>
    /// <param name="status">The status; null when there is none.</param>
    public static EmulatorEndpoint? Endpoint(JsonObject? status)
    {
        // What this program wrote itself needs no sentences when it is wrong: it is written again.
        var endpoint = new SpecReader(status, "$.status", []).Object("endpoint");
        return endpoint.String("ip") is { Length: > 0 } ip ? new EmulatorEndpoint(ip, endpoint.Integer("port", 80, 1, 65535)) : null;
    }

    /// <summary>Whether a ConfigMap, a Secret or an emulator can have a name.</summary>
    /// <param name="name">The name.</param>
    public static bool IsObjectName(string name) =>
        // In .NET, $ also matches before a line feed that ends the text.
        name.Length <= MetadataEmulator.MaxObjectNameLength && !name.EndsWith('\n') && ObjectName().IsMatch(name);

    private static ImmutableArray<EmulatorCredential> Credentials(SpecReader spec, List<string> unsupported)
    {
        var credentials = ImmutableArray.CreateBuilder<EmulatorCredential>();
        foreach (var entry in spec.Objects("credentials"))
        {
            var account = entry.RequiredString("account");
            if (account.Length > 0 && !Account().IsMatch(account))
            {
                entry.Problem(MetadataEmulatorSchema.AccountSentence, "account");
            }

            if (credentials.Any(other => other.Account == account))
            {
                entry.Problem($"the account {account} is already in the list; an account has one credential.", "account");
                continue;
            }

            var kinds = CredentialKinds.Where(kind => entry.Has(kind.Field)).ToList();
            if (kinds is not [var (field, supported)])
            {
                entry.Problem(MetadataEmulatorSchema.OneCredentialSentence);
                continue;
            }

            if (!supported)
            {
                unsupported.Add($"{entry.Path}.{field}: not supported yet; use serviceAccountKey or local.");
            }

            credentials.Add(Credential(entry, account, field));
        }

        return credentials.ToImmutable();
    }

    private static EmulatorCredential Credential(SpecReader entry, string account, string field)
    {
        var body = entry.Object(field);
        return field switch
        {
            "serviceAccountKey" => new ServiceAccountKeyCredential(account, Reference(body, "secretKeyRef")),
            "local" => new LocalCredential(
                account,
                body.String("issuer"),
                body.Has("signingKey") ? Reference(body.Object("signingKey"), "secretKeyRef") : null),
            _ => new UnsupportedCredential(account, field),
        };
    }

    private static KeyReference Reference(SpecReader parent, string field)
    {
        var reference = parent.Object(field);
        var name = reference.RequiredString("name");
        if (name.Length > 0 && !IsObjectName(name))
        {
            reference.Problem(MetadataEmulatorSchema.ObjectNameSentence, "name");
        }

        return new KeyReference(name, reference.RequiredString("key"));
    }

    private static EmulatorPodTemplate PodTemplate(SpecReader template)
    {
        if (template.Source is null)
        {
            return EmulatorPodTemplate.Empty;
        }

        var fields = ImmutableSortedDictionary.CreateBuilder<string, JsonNode>(StringComparer.Ordinal);
        foreach (var name in EmulatorPodTemplate.PodFieldNames)
        {
            if (template.Source[name] is { } value)
            {
                fields[name] = value;
            }
        }

        var metadata = template.Object("metadata");
        var labels = metadata.StringMap("labels");
        if (labels.ContainsKey(WellKnown.InjectLabel))
        {
            metadata.Problem(MetadataEmulatorSchema.InjectLabelSentence, "labels");
        }

        return new EmulatorPodTemplate(
            labels,
            metadata.StringMap("annotations"),
            template.Object("resources").Source,
            fields.ToImmutable());
    }

    [GeneratedRegex(MetadataEmulator.NamePattern)]
    private static partial Regex Name();

    [GeneratedRegex(MetadataEmulator.ObjectNamePattern, RegexOptions.NonBacktracking)]
    private static partial Regex ObjectName();

    [GeneratedRegex(MetadataEmulator.AccountPattern)]
    private static partial Regex Account();
}
