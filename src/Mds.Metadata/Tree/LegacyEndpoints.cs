namespace Mds.Metadata;

/// <summary>
/// What becomes of <c>/0.1/</c> and <c>/computeMetadata/v1beta1/</c>: the attribute <c>disable-legacy-endpoints</c> of the
/// instance, else of the project, says.
/// </summary>
public enum LegacyEndpoints
{
    /// <summary>Nothing is said: there are none, as on machines of 2026.</summary>
    Gone,

    /// <summary><c>TRUE</c>: they are refused with a page of their own.</summary>
    Disabled,

    /// <summary><c>FALSE</c>: they answer, without the header that others need, as they did until 2020.</summary>
    Served,
}
