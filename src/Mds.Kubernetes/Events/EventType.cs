namespace Mds.Kubernetes;

/// <summary>The two kinds of Kubernetes Events.</summary>
public enum EventType
{
    /// <summary>Something happened as it should.</summary>
    Normal,

    /// <summary>Something needs somebody's attention.</summary>
    Warning,
}
