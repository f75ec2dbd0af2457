namespace Mds.Operator.Api;

/// <summary>Where an emulator's server runs.</summary>
internal enum EmulatorMode
{
    /// <summary>In pods of its own, behind a Service.</summary>
    Deployment,

    /// <summary>On every node, each pod asking the one on its own node.</summary>
    DaemonSet,

    /// <summary>In a container of each injected pod.</summary>
    Sidecar,
}
