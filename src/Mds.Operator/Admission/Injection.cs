using System.Text.Json.Nodes;

namespace Mds.Operator.Admission;

/// <summary>What the injector decided for one pod.</summary>
/// <param name="Patch">RFC 6902 operations, all of them <c>add</c>; empty when nothing is missing.</param>
/// <param name="Report">The pod once the patch is applied.</param>
/// <param name="Warnings">Sentences for whoever creates the pod: what may still keep a client from the emulator.</param>
internal sealed record Injection(JsonArray Patch, InjectionReport Report, IReadOnlyList<string> Warnings);
