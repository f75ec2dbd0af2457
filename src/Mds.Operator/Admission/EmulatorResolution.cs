using Mds.Kubernetes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Admission;

/// <summary>Which emulator a pod gets, or why none.</summary>
/// <param name="Emulator">The emulator; null when the pod is refused.</param>
/// <param name="Endpoint">Where it answers; null when the pod is refused.</param>
/// <param name="Refusal">Why the pod is refused; null when it is not.</param>
/// <param name="Sentence">The refusal in words; empty when there is none.</param>
internal sealed record EmulatorResolution(
    Emulator? Emulator, EmulatorEndpoint? Endpoint, AdmissionReason? Refusal, string Sentence)
{
    private const string DefaultName = "default";

    /// <summary>Chooses the one the pod names.</summary>
    /// <param name="reference">What the pod names.</param>
    /// <param name="podNamespace">The pod's namespace.</param>
    /// <param name="emulators">The emulators of the namespace that <paramref name="reference"/> is about.</param>
    public static EmulatorResolution Choose(
        EmulatorReference reference, string podNamespace, IEnumerable<Emulator> emulators)
    {
        var present = Present(emulators);
        var named = present.FirstOrDefault(emulator => emulator.Name == reference.Name);
        if (reference.Namespace != podNamespace)
        {
            return named is not null && named.Serves(podNamespace)
                ? Use(named)
                : Refuse(AdmissionReason.NotExported, reference, podNamespace);
        }

        var others = present.Count == 0 ? "no MetadataEmulator" : $"only {Names(present)}";
        return named is not null ? Use(named) : Refuse(AdmissionReason.EmulatorNotFound, podNamespace, reference.Name, others);
    }

    /// <summary>Chooses for a pod that names none: the one called <c>default</c>, else the only one.</summary>
    /// <param name="podNamespace">The pod's namespace.</param>
    /// <param name="emulators">The emulators of that namespace.</param>
    public static EmulatorResolution ChooseDefault(string podNamespace, IEnumerable<Emulator> emulators)
    {
        var present = Present(emulators);
        return (present.FirstOrDefault(emulator => emulator.Name == DefaultName), present) switch
        {
            ({ } @default, _) => Use(@default),
            (_, [var only]) => Use(only),
            (_, []) => Refuse(AdmissionReason.NoEmulator, podNamespace),
            _ => Refuse(AdmissionReason.SeveralEmulators, podNamespace, Names(present)),
        };
    }

    /// <summary>Chooses none.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="arguments">The names in the reason's sentence.</param>
    public static EmulatorResolution Refuse(AdmissionReason reason, params ReadOnlySpan<object?> arguments) =>
        new(null, null, reason, reason.Say(arguments));

    private static EmulatorResolution Use(Emulator emulator)
    {
        if (emulator.Endpoint is { } endpoint)
        {
            return new EmulatorResolution(emulator, endpoint, null, "");
        }

        // One whose specification is wrong will never have an endpoint: trying again is not all there is to do.
        var because = KubeJson.TextOf(EmulatorStatus.ConditionOf(emulator.Status, "Ready")?["message"]) is { } message
            ? $": {message.TrimEnd('.')}"
            : "";
        return Refuse(AdmissionReason.NoEndpoint, emulator.Key, $"-n {emulator.Namespace} {emulator.Name}", because);
    }

    // One that is being deleted would leave the pod alone a moment later.
    private static List<Emulator> Present(IEnumerable<Emulator> emulators) =>
        [.. emulators.Where(emulator => !emulator.Deleting).OrderBy(emulator => emulator.Name, StringComparer.Ordinal)];

    private static string Names(IEnumerable<Emulator> emulators) =>
        string.Join(", ", emulators.Select(emulator => emulator.Name));
}
