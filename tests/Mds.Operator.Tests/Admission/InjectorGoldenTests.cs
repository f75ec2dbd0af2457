using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mds.Operator.Admission;
using Mds.Operator.Api;

namespace Mds.Operator.Tests.Admission;

/// <summary>
/// Each file in Pods/ is one case: the emulator, the pod, and what the injector says to them. UPDATE_GOLDEN=1 writes the
/// last part anew.
/// </summary>
public sealed class InjectorGoldenTests
{
    private const string Folder = "tests/Mds.Operator.Tests/Admission/Pods";
    private const string Separator = "\n---\n";

    // A sentence is easier to read without \u0027 in it.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Cases =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, Folder), "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)!).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Inject_GoldenPod_ExpectedPatchAndWarnings(string name)
    {
        var parts = File.ReadAllText(Path.Combine(Repository.Root, Folder, $"{name}.yaml")).Split(Separator);
        var pod = YamlDocuments.Read(parts[1])[0]!.AsObject();
        var emulator = EmulatorReader.Read(YamlDocuments.Read(parts[0])[0]!.AsObject());

        var injection = Injector.Inject(pod, emulator, emulator.Endpoint!);

        Golden.Verify($"{Folder}/{name}.yaml", string.Join(Separator, parts[0], parts[1], Describe(injection)));
        var again = Injector.Inject(AddPatchApplier.Apply(pod, injection.Patch), emulator, emulator.Endpoint!);
        Assert.Empty(again.Patch);
        Assert.All(injection.Warnings, warning => Assert.InRange(warning.Length, 1, 256));
    }

    /// <summary>One operation a line, each in JSON, which is YAML, too.</summary>
    private static string Describe(Injection injection)
    {
        var text = new StringBuilder();
        List("patch", injection.Patch);
        List("warnings", injection.Warnings.Select(warning => (JsonNode?)warning));
        return text.ToString();

        void List(string key, IEnumerable<JsonNode?> items)
        {
            var lines = items.Select(item => $"- {item!.ToJsonString(Plain)}\n").ToList();
            text.Append(lines.Count == 0 ? $"{key}: []\n" : $"{key}:\n{string.Concat(lines)}");
        }
    }
}
