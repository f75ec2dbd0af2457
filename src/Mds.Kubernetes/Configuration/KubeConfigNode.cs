using YamlDotNet.RepresentationModel;

namespace Mds.Kubernetes;

/// <summary>One mapping of a kubeconfig file, with the file and path it was found at, so that errors can name them.</summary>
internal sealed class KubeConfigNode(string file, string path, YamlMappingNode node)
{
    public string File { get; } = file;

    /// <summary>The entry's <c>name</c>, for lists of named things.</summary>
    public string? Name => Text("name");

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode { Value: null or "" or "~" or "null", Style: YamlDotNet.Core.ScalarStyle.Plain } => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw Wrong(key, other, "a string"),
    };

    public bool Flag(string key) => Text(key) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Wrong(key, Find(key)!, "true or false"),
    };

    public KubeConfigNode? Map(string key) => Find(key) switch
    {
        null => null,
        YamlMappingNode map => new KubeConfigNode(File, PathOf(key), map),
        YamlScalarNode { Value: null or "" or "~" or "null" } => null,
        var other => throw Wrong(key, other, "a mapping"),
    };

    public IEnumerable<KubeConfigNode> Maps(string key) => Items(key).Select((item, index) => item is YamlMappingNode map
        ? new KubeConfigNode(File, $"{PathOf(key)}[{index}]", map)
        : throw Wrong($"{key}[{index}]", item, "a mapping"));

    public IReadOnlyList<string> Texts(string key) =>
        [.. Items(key).Select((item, index) => (item as YamlScalarNode)?.Value ?? throw Wrong($"{key}[{index}]", item, "a string"))];

    /// <summary>An error about <paramref name="key"/>, as a sentence.</summary>
    /// <param name="key">The key under this mapping; empty for the mapping itself.</param>
    /// <param name="problem">What is wrong, continuing the path: "is not …".</param>
    /// <param name="cause">What revealed it.</param>
    public KubeConfigException Error(string key, string problem, Exception? cause = null) =>
        new($"{File}, line {(Find(key) ?? node).Start.Line}: {PathOf(key)} {problem}", cause);

    /// <summary>What the file name means when it is relative: relative to the kubeconfig that says it.</summary>
    public string? ResolvedPath(string key) =>
        Text(key) is { } text ? Path.GetFullPath(text, Path.GetDirectoryName(Path.GetFullPath(File))!) : null;

    private YamlSequenceNode Items(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode list => list,
        YamlScalarNode { Value: null or "" or "~" or "null" } => [],
        var other => throw Wrong(key, other, "a list"),
    };

    private YamlNode? Find(string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private string PathOf(string key) => (path.Length, key.Length) switch
    {
        (0, 0) => "the document",
        (_, 0) => path,
        (0, _) => key,
        _ => $"{path}.{key}",
    };

    private KubeConfigException Wrong(string key, YamlNode found, string expected) => new(
        $"{File}, line {found.Start.Line}: {PathOf(key)} must be {expected}, not {Kind(found)}.");

    private static string Kind(YamlNode found) => found switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        _ => "a string",
    };
}
