using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Operator.Credentials;

namespace Mds.Operator.Api;

/// <summary>
/// A MetadataEmulator as the operator reads it. Immutable, and read only: what is written back is a patch, so that no
/// field this version does not know is ever lost.
/// </summary>
internal sealed record Emulator
{
    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The identity of this very object; a new one of the same name has another.</summary>
    public required string Uid { get; init; }

    /// <summary>Counts the changes of the specification.</summary>
    public required long Generation { get; init; }

    /// <summary>Whether it is being deleted.</summary>
    public required bool Deleting { get; init; }

    /// <summary>Where its server runs.</summary>
    public required EmulatorMode Mode { get; init; }

    /// <summary>Which of Google's servers it takes after.</summary>
    public required EmulatorFlavor Flavor { get; init; }

    /// <summary>The claims written into the resource; empty when there are none.</summary>
    public required JsonObject Claims { get; init; }

    /// <summary>The ConfigMap that holds the claims instead.</summary>
    public required KeyReference? ClaimsFrom { get; init; }

    /// <summary>Another metadata server whose claims are the base of these; null for none.</summary>
    public required string? ClaimsUpstream { get; init; }

    /// <summary>What the accounts' tokens come from, in the resource's order.</summary>
    public required ImmutableArray<EmulatorCredential> Credentials { get; init; }

    /// <summary>When the first tokens are got.</summary>
    public required EmulatorPrefetch Prefetch { get; init; }

    /// <summary>How the local issuer's keys are served.</summary>
    public required EmulatorIssuer Issuer { get; init; }

    /// <summary>Where Google's token services are reached.</summary>
    public required GoogleEndpoints Endpoints { get; init; }

    /// <summary>Who may ask.</summary>
    public required EmulatorAccess Access { get; init; }

    /// <summary>What pods are given.</summary>
    public required EmulatorInjection Injection { get; init; }

    /// <summary>How many server pods.</summary>
    public required int Replicas { get; init; }

    /// <summary>What the user adds to the server's pods.</summary>
    public required EmulatorPodTemplate PodTemplate { get; init; }

    /// <summary>Where pods reach it, once the operator knows.</summary>
    public required EmulatorEndpoint? Endpoint { get; init; }

    /// <summary>The status as it stands, raw; empty when there is none.</summary>
    public required JsonObject Status { get; init; }

    /// <summary>The object as the API server sent it; shared, never written to.</summary>
    public required JsonObject Raw { get; init; }

    /// <summary>What is wrong with the specification, one sentence each; the server is not touched while there are any.</summary>
    public required ImmutableArray<string> Problems { get; init; }

    /// <summary>What the specification asks for that this version cannot do yet, one sentence each.</summary>
    public required ImmutableArray<string> Unsupported { get; init; }

    /// <summary><c>namespace/name</c>, as annotations and messages say it.</summary>
    public string Key => $"{Namespace}/{Name}";

    /// <summary>The name of everything made for it.</summary>
    public string ObjectName => $"mds-{Name}";

    /// <summary>Whether its server signs tokens itself, so that others need its keys.</summary>
    public bool HasIssuer => Credentials.Any(credential => credential is LocalCredential);

    /// <summary>The Secret with the certificate of its issuer's port; null for plain HTTP, or when there is no such port.</summary>
    public string? IssuerTlsSecret => HasIssuer ? Issuer.TlsSecret : null;

    /// <summary>Whether pods of a namespace may use it: its own, and those it is exported to.</summary>
    public bool Serves(string @namespace) => @namespace == Namespace || Access.Namespaces.Contains(@namespace);
}
