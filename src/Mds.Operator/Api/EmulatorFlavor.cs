namespace Mds.Operator.Api;

/// <summary>Which of Google's metadata servers an emulator takes after.</summary>
internal enum EmulatorFlavor
{
    /// <summary>The one of a Compute Engine machine.</summary>
    GCE,

    /// <summary>The one of a Cloud Run container.</summary>
    CloudRun,

    /// <summary>The one of a GKE node with workload identity.</summary>
    GKE,
}
