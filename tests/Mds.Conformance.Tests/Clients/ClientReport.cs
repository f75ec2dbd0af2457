namespace Mds.Conformance.Tests;

/// <summary>What a client says it got; what its library has no call for is missing.</summary>
public sealed record ClientReport(
    string Client,
    bool Detected,
    string? Project,
    string? Zone,
    string? Attribute,
    string[]? Tags,
    string[]? Scopes,
    string Email,
    string AccessToken,
    string IdentityToken,
    Dictionary<string, string>? IdentityTokens);
