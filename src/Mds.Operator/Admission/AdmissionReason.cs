using System.Globalization;
using System.Text;

namespace Mds.Operator.Admission;

/// <summary>
/// Why a pod, or one container of it, was treated as it was. The one table that refusals, the status annotation, audit
/// annotations, logs, metrics and the documentation take their words from.
/// </summary>
internal sealed class AdmissionReason
{
    /// <summary>The pod was given what it lacked.</summary>
    public static readonly AdmissionReason Injected = new(
        nameof(Injected), AdmissionOutcome.Injected,
        "The pod was pointed at MetadataEmulator {0} at {1}.");

    /// <summary>An earlier run gave the pod everything.</summary>
    public static readonly AdmissionReason NothingMissing = new(
        nameof(NothingMissing), AdmissionOutcome.Injected,
        "The pod was already pointed at MetadataEmulator {0} at {1}.");

    /// <summary>The pod did not opt in.</summary>
    public static readonly AdmissionReason NotLabelled = new(
        nameof(NotLabelled), AdmissionOutcome.Skipped,
        "The pod does not carry the label mds.inject: \"true\".");

    /// <summary>A static pod's shadow: the kubelet runs the pod from its own file, whatever the API server says.</summary>
    public static readonly AdmissionReason MirrorPod = new(
        nameof(MirrorPod), AdmissionOutcome.Skipped,
        "The pod mirrors a static pod of its node; changing the mirror changes nothing.");

    /// <summary>The webhook configuration sends more than it should.</summary>
    public static readonly AdmissionReason NotPodCreation = new(
        nameof(NotPodCreation), AdmissionOutcome.Skipped,
        "Only pods that are being created are injected, and this is {0} of {1}.");

    /// <summary>A container that the user named.</summary>
    public static readonly AdmissionReason SkipContainers = new(
        nameof(SkipContainers), AdmissionOutcome.Skipped,
        "The container is listed in the annotation mds.dev/skip-containers.");

    /// <summary>An emulator that wants no environment variables.</summary>
    public static readonly AdmissionReason EnvDisabled = new(
        nameof(EnvDisabled), AdmissionOutcome.Skipped,
        "MetadataEmulator {0} says spec.injection.env: false.");

    /// <summary>The annotation cannot be read.</summary>
    public static readonly AdmissionReason InvalidReference = new(
        nameof(InvalidReference), AdmissionOutcome.Refused,
        "The annotation mds.dev/emulator of the pod is \"{0}\", which is neither an emulator's name nor namespace/name. "
        + "Correct it, or remove it to use the namespace's own emulator.");

    /// <summary>Nothing to fall back on.</summary>
    public static readonly AdmissionReason NoEmulator = new(
        nameof(NoEmulator), AdmissionOutcome.Refused,
        "The pod asks for a metadata server with the label mds.inject: \"true\", but namespace {0} has no MetadataEmulator. "
        + "Create one (kubectl apply -n {0} -f emulator.yaml), name one of another namespace that exports it with the "
        + "annotation mds.dev/emulator: namespace/name, or remove the label.");

    /// <summary>The named emulator of the pod's own namespace is missing.</summary>
    public static readonly AdmissionReason EmulatorNotFound = new(
        nameof(EmulatorNotFound), AdmissionOutcome.Refused,
        "The pod asks for MetadataEmulator {1} with the annotation mds.dev/emulator, but namespace {0} has {2}. "
        + "Create it (kubectl apply -n {0} -f emulator.yaml) or correct the annotation.");

    /// <summary>Too much to choose from.</summary>
    public static readonly AdmissionReason SeveralEmulators = new(
        nameof(SeveralEmulators), AdmissionOutcome.Refused,
        "Namespace {0} has several MetadataEmulators ({1}) and none of them is called default. "
        + "Say which one with the annotation mds.dev/emulator on the pod.");

    /// <summary>Another namespace's emulator. Says the same whether it exists or not: that is the other namespace's affair.</summary>
    public static readonly AdmissionReason NotExported = new(
        nameof(NotExported), AdmissionOutcome.Refused,
        "The pod asks for MetadataEmulator {0}, which does not exist or is not exported to namespace {1}. "
        + "Its owner exports it by listing {1} in its spec.access.namespaces.");

    /// <summary>The emulator is too young.</summary>
    public static readonly AdmissionReason NoEndpoint = new(
        nameof(NoEndpoint), AdmissionOutcome.Refused,
        "MetadataEmulator {0} has no endpoint yet{2}. Deployments, Jobs and other controllers try again by themselves; "
        + "kubectl get metadataemulator {1} says how far it is.");

    /// <summary>The API server did not answer.</summary>
    public static readonly AdmissionReason LookupFailed = new(
        nameof(LookupFailed), AdmissionOutcome.Refused,
        "MetadataEmulators of namespace {0} could not be looked up, because the API server did not answer in time or "
        + "refused. Deployments, Jobs and other controllers try again by themselves.");

    private readonly CompositeFormat _sentence;

    private AdmissionReason(string name, AdmissionOutcome outcome, string sentence)
    {
        Name = name;
        Outcome = outcome;
        _sentence = CompositeFormat.Parse(sentence);
    }

    /// <summary>The reason as a machine reads it: metric label, status and audit annotations.</summary>
    public string Name { get; }

    /// <summary>What the reason means for the pod or container.</summary>
    public AdmissionOutcome Outcome { get; }

    /// <summary>The reason as a person reads it.</summary>
    /// <param name="arguments">The names the sentence has room for.</param>
    public string Say(params ReadOnlySpan<object?> arguments) =>
        string.Format(CultureInfo.InvariantCulture, _sentence, arguments);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
