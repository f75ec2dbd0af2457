using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Emulators;

/// <summary>An object as it is to be.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Manifest">The fields the operator owns; nothing else.</param>
internal sealed record DesiredObject(ResourceType Type, JsonObject Manifest)
{
    /// <summary>Its name.</summary>
    public string Name => Manifest["metadata"]!["name"]!.GetValue<string>();

    /// <summary>How messages call it.</summary>
    public string Title => $"{Type.Kind} {Name}";
}
