using Mds.Operator.Api;

namespace Mds.Operator.Admission;

/// <summary>
/// Finds the emulator a pod asks for, in the operator's own copy. Only when that copy has nothing to offer (no emulator, no
/// export, no endpoint), which may be because it is a moment behind, the API server is asked, once and not for long: pods
/// wait for the answer.
/// </summary>
internal sealed partial class EmulatorLookup(IEmulatorSource source, TimeProvider time, ILogger<EmulatorLookup> logger)
{
    // The API server gives the webhook five seconds; what is left must do for a refusal that says why.
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Finds it.</summary>
    /// <param name="annotation">The pod's annotation <see cref="WellKnown.Emulator"/>, or null.</param>
    /// <param name="podNamespace">The pod's namespace.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<EmulatorResolution> ResolveAsync(
        string? annotation, string podNamespace, CancellationToken cancellationToken)
    {
        var reference = annotation is null ? null : EmulatorReference.Parse(annotation, podNamespace);
        if (annotation is not null && reference is null)
        {
            return EmulatorResolution.Refuse(AdmissionReason.InvalidReference, Shortened(annotation));
        }

        var @namespace = reference?.Namespace ?? podNamespace;
        EmulatorResolution Choose(IReadOnlyList<Emulator> emulators) => reference is null
            ? EmulatorResolution.ChooseDefault(podNamespace, emulators)
            : EmulatorResolution.Choose(reference, podNamespace, emulators);

        if (source.Synced && Choose(source.InNamespace(@namespace)) is { Refusal: null } cached)
        {
            return cached;
        }

        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return Choose(await source.ReadAsync(@namespace, either.Token));
        }
        catch (Exception exception) when (
            exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Log.LookupFailed(logger, @namespace, exception.Message);
            return EmulatorResolution.Refuse(AdmissionReason.LookupFailed, @namespace);
        }
    }

    private static string Shortened(string text) => text.Length <= 100 ? text : $"{text[..100]}…";
}
