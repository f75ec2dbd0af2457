using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Mds.Operator.Admission;
using Mds.Operator.Api;

namespace Mds.Operator.Tests.Admission;

public sealed class InjectorPropertyTests
{
    [Fact]
    public void Inject_ItsOwnResult_NothingMissing() => ForAll((pod, emulator) =>
    {
        var first = Inject(pod, emulator);

        var second = Inject(AddPatchApplier.Apply(pod, first.Patch), emulator);

        Assert.Empty(second.Patch);
        Assert.Equal(first.Report.ToJson(), second.Report.ToJson());
        Assert.Equal(first.Warnings, second.Warnings);
    });

    [Fact]
    public void Inject_AnyPod_EveryFieldSurvives() => ForAll((pod, emulator) =>
    {
        var patched = AddPatchApplier.Apply(pod, Inject(pod, emulator).Patch);

        AssertContains(pod, patched, "$");
    });

    [Fact]
    public void Inject_AnyPod_PodIsNotTouched() => ForAll((pod, emulator) =>
    {
        var before = pod.ToJsonString();

        _ = Inject(pod, emulator);

        Assert.Equal(before, pod.ToJsonString());
    });

    [Fact]
    public void Inject_AnyPod_UserValuesWinAndTheRestIsThere() => ForAll((pod, emulator) =>
    {
        var patched = AddPatchApplier.Apply(pod, Inject(pod, emulator).Patch);

        var skipped = ((string?)pod["metadata"]!["annotations"]?[WellKnown.SkipContainersAnnotation])?.Split(',') ?? [];
        foreach (var (before, after) in Containers(pod).Zip(Containers(patched)))
        {
            var left = !emulator.Injection.Env || skipped.Contains((string?)before["name"]);
            foreach (var (variable, value) in MetadataVariables.For(emulator.Endpoint!.Host))
            {
                var user = Variable(before, variable);
                var expected = user ?? (left ? null : new JsonObject { ["name"] = variable, ["value"] = value });
                Assert.True(JsonNode.DeepEquals(expected, Variable(after, variable)), $"{variable} of {after.ToJsonString()}");
            }
        }
    });

    [Fact]
    public void Inject_ContainerAddedByAnotherWebhook_IsInjectedAndReported() => ForAll((pod, emulator) =>
    {
        var late = AddPatchApplier.Apply(pod, Inject(pod, emulator).Patch);
        late["spec"]!["containers"]!.AsArray().Add((JsonNode)new JsonObject { ["name"] = "late" });

        var injection = Inject(late, emulator);

        var report = injection.Report.Containers[^1];
        Assert.Equal("late", report.Name);
        Assert.Equal(emulator.Injection.Env ? 5 : 0, report.Injected.Count);
        Assert.Contains(injection.Patch, operation => ((string)operation!["path"]!).EndsWith("mds.dev~1status", StringComparison.Ordinal));
    });

    private static void ForAll(Action<JsonObject, Emulator> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300),
            Prop.ForAll(
                Arb.From(from pod in PodGenerator.Pod from emulator in PodGenerator.Emulator select new Case(pod, emulator)),
                @case => property(@case.Pod, @case.Emulator)));

    private static Injection Inject(JsonObject pod, Emulator emulator) => Injector.Inject(pod, emulator, emulator.Endpoint!);

    private static IEnumerable<JsonObject> Containers(JsonObject pod) =>
        (pod["spec"]!["initContainers"] as JsonArray ?? []).Concat(pod["spec"]!["containers"] as JsonArray ?? [])
        .Select(container => container!.AsObject());

    private static JsonNode? Variable(JsonObject container, string name) =>
        (container["env"] as JsonArray ?? []).LastOrDefault(entry => (string?)entry!["name"] == name);

    private static void AssertContains(JsonNode? before, JsonNode? after, string path)
    {
        switch (before)
        {
            case null:
                // Null is as good as absent, for the API server as well.
                break;
            case JsonObject members:
                foreach (var (name, value) in members.Where(m => m.Key != WellKnown.StatusAnnotation))
                {
                    AssertContains(value, after?[name], $"{path}.{name}");
                }

                break;
            case JsonArray elements:
                for (var i = 0; i < elements.Count; i++)
                {
                    AssertContains(elements[i], after?[i], $"{path}[{i}]");
                }

                break;
            default:
                Assert.True(JsonNode.DeepEquals(before, after), $"{path}: {before} became {after}");
                break;
        }
    }

    private sealed record Case(JsonObject Pod, Emulator Emulator)
    {
        public override string ToString() => $"{Pod.ToJsonString()} with {Emulator.Endpoint} {Emulator.Injection}";
    }
}
