using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mds.Operator.Credentials;

namespace Mds.Operator.Api;

/// <summary>
/// Reads a raw MetadataEmulator. Never fails: what is wrong becomes a sentence in <see cref="Emulator.Problems"/>, and
/// the rest is read, so that one bad field does not blind the webhook to the emulator's endpoint.
/// </summary>
internal static partial class EmulatorReader
{
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

        var claimsFrom = spec.Object("claimsFrom");
        if (spec.Has("claims") && claimsFrom.Has("configMapKeyRef"))
        {
            spec.Problem(MetadataEmulatorSchema.ClaimsSentence);
        }

        if (claimsFrom.Source is not null && !claimsFrom.Has("configMapKeyRef") && !claimsFrom.Has("upstream"))
        {
            claimsFrom.Problem(MetadataEmulatorSchema.ClaimsFromSentence);
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
            Flavor = spec.Choice("flavor", EmulatorFlavor.GCE),
            Claims = spec.Object("claims").Source ?? [],
            ClaimsFrom = claimsFrom.Has("configMapKeyRef") ? KeyReference.Read(claimsFrom, "configMapKeyRef") : null,
            ClaimsUpstream = claimsFrom.Has("upstream") ? claimsFrom.Object("upstream").RequiredString("address", TextFormat.Host) : null,
            Credentials = Credentials(spec),
            Prefetch = spec.Choice("prefetch", EmulatorPrefetch.Background),
            Issuer = EmulatorIssuer.Read(spec),
            Endpoints = GoogleEndpoints.Read(spec),
            Access = new EmulatorAccess(
                access.Strings("namespaces"), access.Boolean("networkPolicy", true), access.Strings("allowedHosts", TextFormat.AllowedHost)),
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

    private static ImmutableArray<EmulatorCredential> Credentials(SpecReader spec)
    {
        var credentials = ImmutableArray.CreateBuilder<EmulatorCredential>();
        foreach (var entry in spec.Objects("credentials"))
        {
            var account = entry.RequiredString("account", TextFormat.Account);
            if (credentials.Any(other => other.Account == account))
            {
                entry.Problem($"the account {account} is already in the list; an account has one credential.", "account");
                continue;
            }

            if (CredentialKind.All.Where(kind => entry.Has(kind.Field)).ToList() is [var kind])
            {
                credentials.Add(kind.Read(account, entry.Object(kind.Field)));
            }
            else
            {
                entry.Problem(MetadataEmulatorSchema.OneCredentialSentence);
            }
        }

        return credentials.ToImmutable();
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
}
