using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Mds.Operator.Emulators;

/// <summary>All that is known of an emulator at one moment; its status is a function of it.</summary>
/// <param name="Claims">What was found of its claims.</param>
/// <param name="Obstacle">What kept one of its objects from being applied.</param>
/// <param name="Service">Its Service, raw.</param>
/// <param name="Deployment">Its Deployment, raw.</param>
/// <param name="SettingsHash">The settings its pods are to have.</param>
/// <param name="Pods">Its server pods, by name.</param>
/// <param name="Routed">The names of the pods that its Service leads to.</param>
internal sealed record Observation(
    Finding Claims,
    Finding? Obstacle,
    JsonObject? Service,
    JsonObject? Deployment,
    string? SettingsHash,
    ImmutableArray<ServerPod> Pods,
    ImmutableHashSet<string> Routed);
