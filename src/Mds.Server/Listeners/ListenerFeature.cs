namespace Mds.Server.Listeners;

/// <summary>The feature of a connection that says which listener took it.</summary>
/// <param name="kind">What that listener serves.</param>
internal sealed class ListenerFeature(ListenerKind kind)
{
    /// <summary>What the listener serves.</summary>
    public ListenerKind Kind { get; } = kind;
}
