namespace Mds.Server.Simulation;

/// <summary>How far an event has come.</summary>
internal enum SimulatedEventPhase
{
    /// <summary>It is planned.</summary>
    Before,

    /// <summary>It is about to begin, and the machine is told so.</summary>
    Notice,

    /// <summary>It happens.</summary>
    During,

    /// <summary>It is over.</summary>
    After,
}
