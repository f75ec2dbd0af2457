namespace Mds.Credentials;

/// <summary>What another metadata server answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="ETag">The ETag, by which a change is waited for.</param>
public sealed record UpstreamAnswer(int Status, byte[] Body, string? ETag);
