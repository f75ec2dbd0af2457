using System.Text;

namespace Mds.Metadata;

/// <summary>
/// The paths of the old versions, for nodes that have others: <c>v1beta1</c> is the tree of <c>v1</c>; of <c>0.1</c> the
/// leaves are known that its clients of 2013 to 2018 read.
/// </summary>
internal static class LegacyPaths
{
    private const string V1 = "/computeMetadata/v1";
    private const string V1Beta1 = "/computeMetadata/v1beta1";
    private const string Old = "/0.1/meta-data";

    private static readonly (string Name, string Path)[] OldNames =
    [
        ("attributes", "/instance/attributes"),
        ("description", "/instance/description"),
        ("hostname", "/instance/hostname"),
        ("image", "/instance/image"),
        ("instance-id", "/instance/id"),
        ("machine-type", "/instance/machine-type"),
        ("numeric-project-id", "/project/numeric-project-id"),
        ("project-id", "/project/project-id"),
        ("tags", "/instance/tags"),
        ("zone", "/instance/zone"),
    ];

    /// <summary>Adds the old paths to those of a tree.</summary>
    public static void AddTo(Dictionary<string, MetadataNode> nodes)
    {
        var current = nodes.Where(node => node.Key == V1 || node.Key.StartsWith(V1 + "/", StringComparison.Ordinal)).ToList();
        foreach (var (path, node) in current)
        {
            nodes.Add(V1Beta1 + path[V1.Length..], node);
        }

        var listing = new StringBuilder();
        foreach (var (name, below) in OldNames)
        {
            var origin = V1 + below;
            if (!nodes.TryGetValue(origin, out var top))
            {
                continue;
            }

            listing.Append(name).Append(top.IsDirectory ? "/\n" : "\n");
            foreach (var (path, node) in current.Where(
                node => node.Key == origin || node.Key.StartsWith(origin + "/", StringComparison.Ordinal)))
            {
                nodes.Add($"{Old}/{name}{path[origin.Length..]}", node);
            }
        }

        nodes.Add("/0.1", MetadataNode.ListingOnly("/0.1/", "meta-data/\n"));
        nodes.Add(Old, MetadataNode.ListingOnly(Old + "/", listing.ToString()));
    }
}
