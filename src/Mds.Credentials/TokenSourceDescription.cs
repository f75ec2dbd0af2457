namespace Mds.Credentials;

/// <summary>What may be said aloud about a token source: nothing in it is secret.</summary>
/// <param name="Kind">The kind of credential in the resource's own word: <c>serviceAccountKey</c>, <c>static</c>, <c>local</c>.</param>
/// <param name="Principal">The e-mail address (or other subject) that its tokens stand for; <see langword="null"/> when unknown.</param>
/// <param name="ProjectId">The project that the credential itself names, where it names one.</param>
/// <param name="UniverseDomain">The universe that the credential itself names, where it names one.</param>
public sealed record TokenSourceDescription(
    string Kind, string? Principal, string? ProjectId = null, string? UniverseDomain = null);
