namespace Mds.Cluster.Tests.Clusters;

/// <summary>A condition of an object; all null while there is none.</summary>
public sealed record Condition(string? Status, string? Reason, string? Message)
{
    public bool IsTrue => Status == "True";

    public bool IsFalse => Status == "False";
}
