namespace Mds.Conformance.Tests;

/// <summary>What a client says it got; what its library cannot ask for is missing.</summary>
public sealed record ClientReport(
    string Client,
    bool Detected,
    string? Project,
    string? Zone,
    string? Attribute,
    string Email,
    string AccessToken,
    string IdentityToken);
