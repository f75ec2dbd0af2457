using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Mds.Operator.Api;
using Mds.Operator.Emulators;
using Mds.Server.Settings;

namespace Mds.Operator.Tests.Emulators;

/// <summary>
/// The settings that the operator writes, read by the server's own reader. The two share no code, and what one writes and the
/// other refuses is an emulator that was accepted and whose pods end as soon as they start.
/// </summary>
public sealed class ServerSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mds-settings-").FullName;

    public static TheoryData<string> Documents() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/Mds.Operator.Tests/Emulators/Golden")).Select(file => Path.GetFileName(file)).Order()];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Read_SettingsOfEachGoldenDocument_AreTheServersOwn(string name)
    {
        var settings = YamlFile.Read($"tests/Mds.Operator.Tests/Emulators/Golden/{name}")
            .Single(document => (string?)document["kind"] == "ConfigMap")["data"]!["settings.json"]!;

        var read = Read((string)settings!);

        Assert.NotNull(read.Metadata.Tcp);
        Assert.True(read.StartDegraded);
    }

    [Fact]
    public void Read_IssuerWithCertificate_IsServedByTls()
    {
        var read = Read(Settings(Emulator(
            """{"prefetch": "Ready", "issuer": {"tlsSecretRef": {"name": "a"}}, "credentials": [{"account": "default", "local": {}}]}""")));

        Assert.Equal("/etc/mds/issuer/tls.crt", read.Issuer?.Tls?.CertificateFile);
        Assert.Equal("/etc/mds/issuer/tls.key", read.Issuer?.Tls?.KeyFile);
        Assert.Equal(Prefetch.BeforeReady, read.Prefetch);
    }

    [Fact]
    public void Read_SettingsOfAnyAcceptedSpecification_HaveNoError()
    {
        var accepted = 0;
        Prop.ForAll(Specifications.ToArbitrary(), specification =>
        {
            var emulator = Emulator(specification);
            if (!emulator.Problems.IsEmpty)
            {
                return;
            }

            accepted++;
            // Throws with the server's sentences.
            Read(Settings(emulator));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4000).WithQuietOnSuccess(true));
        Assert.True(accepted > 400, $"Only {accepted} of 4000 specifications were accepted: the generator has lost its way.");
    }

    // The golden documents' specifications, with one value of each changed here and there.
    private static Gen<string> Specifications { get; } =
        from specification in Gen.Elements(DesiredObjectsTests.Cases().Select(row => row.Data.Item2)
            .Where(specification => Places(JsonNode.Parse(specification)!).Any()))
        let places = Places(JsonNode.Parse(specification)!).ToImmutableArray()
        from place in Gen.Choose(0, places.Length - 1)
        from value in Changed(places[place])
        select With(specification, place, value);

    // What hosts, ports, addresses, paths and names are made of, and what breaks them.
    private static string[] Pieces { get; } =
    [
        "a", "Z", "0", "7", "-", "_", ".", "..", ":", "::", "::1", ":0", ":1", ":65535", ":65536", "/", "//", "@", "[", "]", "%", "%41", "?", "#",
        ",", "*", "~", "!", " ", "\t", "\n", "\u0001", "\u00a0", "ü", "\\", "\"", "{", "}", "$", "true", "null", "0x", "1e3", "256", "fd00:",
        "http:", "https://", "xn--", "127.0.0.1", "[::1]", "localhost", new('a', 63), new('a', 64),
    ];

    private static Gen<JsonNode?> Changed(JsonNode value) => value.GetValueKind() == JsonValueKind.String
        ? Gen.Choose(0, 3).SelectMany(edits => Edited(value.GetValue<string>(), edits)).Select(text => (JsonNode?)text)
        : Gen.Elements(-1, 0, 1, 23, 24, 299, 300, 600, 3600, 43200, 86400, int.MaxValue).Select(number => (JsonNode?)number);

    private static Gen<string> Edited(string text, int edits) => edits == 0 ? Gen.Constant(text) :
        from start in Gen.Choose(0, text.Length)
        from removed in Gen.Choose(0, Math.Min(4, text.Length - start))
        from piece in Gen.Frequency((1, Gen.Constant("")), (5, Gen.Elements(Pieces)))
        from edited in Edited(text[..start] + piece + text[(start + removed)..], edits - 1)
        select edited;

    private static string With(string specification, int place, JsonNode? value)
    {
        var changed = JsonNode.Parse(specification)!;
        Places(changed).ElementAt(place).ReplaceWith(value);
        return changed.ToJsonString();
    }

    // Claims and pod templates are not of the settings.
    private static IEnumerable<JsonNode> Places(JsonNode node) => node switch
    {
        JsonObject fields => fields.Where(field => field.Key is not ("claims" or "podTemplate") && field.Value is not null).SelectMany(field => Places(field.Value!)),
        JsonArray items => items.OfType<JsonNode>().SelectMany(Places),
        _ => node.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? [node] : [],
    };

    private static string Settings(Emulator emulator) =>
        JsonText.Indented(Operator.Emulators.ServerSettings.Build(emulator, ServerHosts.Of(emulator, ["10.96.12.7", "fd00::7"], "cluster.local")));

    private Mds.Server.Settings.ServerSettings Read(string settings)
    {
        var file = Path.Combine(_folder, "settings.json");
        File.WriteAllText(file, settings);
        return SettingsReader.Read(new Dictionary<string, string?> { ["settings"] = file }, new Dictionary<string, string>());
    }

    private static Emulator Emulator(string specification) => EmulatorReader.Read(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = "team-a" },
        ["spec"] = JsonNode.Parse(specification),
    });
}
