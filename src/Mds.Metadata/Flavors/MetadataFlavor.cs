namespace Mds.Metadata;

/// <summary>Whose metadata server is spoken like.</summary>
public enum MetadataFlavor
{
    /// <summary>A Compute Engine machine, with the whole tree.</summary>
    GCE,

    /// <summary>Cloud Run, functions and App Engine.</summary>
    CloudRun,

    /// <summary>A pod on GKE with Workload Identity.</summary>
    GKE,
}
