using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>A list, or one page of it.</summary>
/// <param name="Items">The objects. <c>apiVersion</c> and <c>kind</c>, which lists leave out, are filled in.</param>
/// <param name="ResourceVersion">The version of the collection; a watch continues from it.</param>
/// <param name="Continue">The token for the next page; null on the last one.</param>
public sealed record ResourceList(IReadOnlyList<JsonObject> Items, string ResourceVersion, string? Continue);
