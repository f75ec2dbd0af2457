namespace Mds.Server.Telemetry;

/// <summary>What a request was answered, as far as it may be shown.</summary>
/// <param name="Status">The status.</param>
/// <param name="Bytes">The length of the body.</param>
/// <param name="ContentType">The header <c>Content-Type</c>.</param>
/// <param name="ETag">The header <c>ETag</c>, if there was one.</param>
/// <param name="Location">The header <c>Location</c>, if there was one: to be shown by <see cref="ShownTarget"/> only.</param>
/// <param name="Body">The beginning of the body; <see langword="null"/> where it is not to be shown.</param>
internal readonly record struct RecentAnswer(int Status, int Bytes, string ContentType, string? ETag, string? Location, string? Body);
