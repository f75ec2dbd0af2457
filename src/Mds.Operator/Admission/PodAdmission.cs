using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Admission;

/// <summary>Decides about one pod: whether it wants an emulator, which one, and what it lacks to reach it.</summary>
internal sealed class PodAdmission(EmulatorLookup lookup)
{
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";

    /// <summary>Decides.</summary>
    /// <param name="request">The API server's question.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<AdmissionDecision> DecideAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!request.IsPodCreation)
        {
            return Skip(AdmissionReason.NotPodCreation, request.Operation, request.Resource);
        }

        var pod = request.Object;
        if (KubeJson.AnnotationOf(pod, MirrorAnnotation) is not null)
        {
            return Skip(AdmissionReason.MirrorPod);
        }

        if (KubeJson.LabelOf(pod, WellKnown.InjectLabel) != "true")
        {
            return Skip(AdmissionReason.NotLabelled);
        }

        var annotation = KubeJson.AnnotationOf(pod, WellKnown.Emulator);
        var resolution = await lookup.ResolveAsync(annotation, request.Namespace, cancellationToken);
        if (resolution is not { Emulator: { } emulator, Endpoint: { } endpoint })
        {
            return new AdmissionDecision(resolution.Refusal!, resolution.Sentence);
        }

        var injection = Injector.Inject(pod, emulator, endpoint);
        var reason = injection.Patch.Count > 0 ? AdmissionReason.Injected : AdmissionReason.NothingMissing;
        return new AdmissionDecision(reason, reason.Say(emulator.Key, endpoint.Host))
        {
            Emulator = emulator.Key,
            Patch = injection.Patch,
            Warnings = injection.Warnings,
        };
    }

    private static AdmissionDecision Skip(AdmissionReason reason, params ReadOnlySpan<object?> arguments) =>
        new(reason, reason.Say(arguments));
}
