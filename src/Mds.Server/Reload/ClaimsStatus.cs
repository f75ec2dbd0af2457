namespace Mds.Server.Reload;

/// <summary>How the claims document stands.</summary>
/// <param name="Valid">Whether the document as it is now is the one in use.</param>
/// <param name="Source">Where it is.</param>
/// <param name="Hash">The SHA-256 of the document in use; <see langword="null"/> when none is yet.</param>
/// <param name="Error">Why the document as it is now cannot be used.</param>
internal sealed record ClaimsStatus(bool Valid, string Source, string? Hash, string? Error);
