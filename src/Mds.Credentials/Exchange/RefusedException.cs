namespace Mds.Credentials;

/// <summary>The refusal behind a <see cref="TokenSourceException"/>, for the code that acts on what was said.</summary>
internal sealed class RefusedException(Refusal refusal) : Exception($"{refusal.Code} ({refusal.Status})")
{
    /// <summary>What was said.</summary>
    public Refusal Refusal { get; } = refusal;
}
