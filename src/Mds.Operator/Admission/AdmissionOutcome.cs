namespace Mds.Operator.Admission;

/// <summary>What became of a pod.</summary>
internal enum AdmissionOutcome
{
    /// <summary>It is let in and carries everything it asked for.</summary>
    Injected,

    /// <summary>It is let in as it is.</summary>
    Skipped,

    /// <summary>It is not let in.</summary>
    Refused,
}
