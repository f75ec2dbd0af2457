using Mds.Operator.Api;

namespace Mds.Operator.Admission;

/// <summary>An emulator as the annotation <see cref="WellKnown.Emulator"/> of a pod names it.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
internal sealed record EmulatorReference(string Namespace, string Name)
{
    /// <summary>Reads <c>name</c> or <c>namespace/name</c>; null if the text is neither.</summary>
    /// <param name="text">The annotation's value.</param>
    /// <param name="podNamespace">The namespace meant when the text has none.</param>
    public static EmulatorReference? Parse(string text, string podNamespace)
    {
        var parts = text.Split('/');
        return parts switch
        {
            [var name] when EmulatorReader.IsObjectName(name) => new EmulatorReference(podNamespace, name),
            // A namespace is a label, which is a subdomain too.
            [var @namespace, var name] when EmulatorReader.IsObjectName(@namespace) && EmulatorReader.IsObjectName(name) => new EmulatorReference(@namespace, name),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
