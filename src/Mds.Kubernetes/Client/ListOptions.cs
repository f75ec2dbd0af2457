namespace Mds.Kubernetes;

/// <summary>What a list asks for, under the API's own names.</summary>
public sealed record ListOptions
{
    /// <summary>Only objects with matching labels, such as <c>app=web,tier!=db</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects with matching fields, such as <c>metadata.name=web</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>The most objects one answer may hold; the rest is reached through <see cref="Continue"/>.</summary>
    public int? Limit { get; init; }

    /// <summary>The token of the previous page.</summary>
    public string? Continue { get; init; }

    /// <summary>The answer is not older than this version; <c>0</c> allows the server's cache; null is the latest.</summary>
    public string? ResourceVersion { get; init; }
}
