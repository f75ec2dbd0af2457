namespace Mds.Kubernetes;

/// <summary>What a watch asks for, under the API's own names.</summary>
public sealed record WatchOptions
{
    /// <summary>Only objects with matching labels.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects with matching fields.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Only changes after this version, as a list returned it; null starts with what exists.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Whether the server sends bookmarks, which carry a recent version through quiet times.</summary>
    public bool AllowBookmarks { get; init; } = true;

    /// <summary>After how long the server ends the watch.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
