using System.Collections.Immutable;

namespace Mds.Operator.Api;

/// <summary>Who may ask an emulator.</summary>
/// <param name="Namespaces">Other namespaces whose pods may name this emulator.</param>
/// <param name="NetworkPolicy">Whether a NetworkPolicy keeps everybody else out.</param>
/// <param name="AllowedHosts">Names and addresses that requests may call the server by, beside those that pods are given.</param>
internal sealed record EmulatorAccess(ImmutableArray<string> Namespaces, bool NetworkPolicy, ImmutableArray<string> AllowedHosts);
