using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Tests.Admission;

/// <summary>Emulators as the operator's copy has them, and as the API server would answer.</summary>
internal sealed class FakeEmulators : IEmulatorSource
{
    public List<Emulator> Copy { get; } = [];

    public List<Emulator> Live { get; } = [];

    /// <summary>What a live question runs into; null for an answer.</summary>
    public Func<CancellationToken, Task>? Trouble { get; set; }

    public int Questions { get; private set; }

    public bool Synced { get; set; } = true;

    public Emulator? Find(string @namespace, string name) => InNamespace(@namespace).FirstOrDefault(e => e.Name == name);

    public IReadOnlyList<Emulator> InNamespace(string @namespace) => [.. Copy.Where(e => e.Namespace == @namespace)];

    public async Task<IReadOnlyList<Emulator>> ReadAsync(string @namespace, CancellationToken cancellationToken)
    {
        Questions++;
        await (Trouble?.Invoke(cancellationToken) ?? Task.CompletedTask);
        return [.. Live.Where(e => e.Namespace == @namespace)];
    }

    /// <summary>An emulator at 10.96.12.7.</summary>
    public static Emulator Emulator(
        string @namespace, string name, string[]? exportedTo = null, bool endpoint = true, bool deleting = false) =>
        EmulatorReader.Read(new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = @namespace,
                ["deletionTimestamp"] = deleting ? "2030-01-01T00:00:00Z" : null,
            },
            ["spec"] = new JsonObject
            {
                ["access"] = new JsonObject { ["namespaces"] = new JsonArray([.. exportedTo ?? []]) },
            },
            ["status"] = new JsonObject
            {
                ["endpoint"] = endpoint
                    ? new JsonObject { ["host"] = "10.96.12.7:80", ["ip"] = "10.96.12.7", ["port"] = 80 }
                    : null,
            },
        });
}
