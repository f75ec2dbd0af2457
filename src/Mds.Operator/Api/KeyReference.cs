namespace Mds.Operator.Api;

/// <summary>One key of a Secret or ConfigMap in the emulator's own namespace.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="Key">The key in it.</param>
internal sealed record KeyReference(string Name, string Key);
