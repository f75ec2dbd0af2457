namespace Mds.Server.Simulation;

/// <summary>What can happen to a machine.</summary>
internal enum SimulatedEventKind
{
    /// <summary>Its host is maintained: it moves to another one, or ends.</summary>
    Maintenance,

    /// <summary>It is preempted, as Spot machines are.</summary>
    Preemption,

    /// <summary>It is stopped or deleted gracefully.</summary>
    Shutdown,
}
