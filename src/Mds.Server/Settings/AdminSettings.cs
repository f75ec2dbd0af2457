using Mds.Server.Listeners;

namespace Mds.Server.Settings;

/// <summary>The admin listener.</summary>
/// <param name="Listener">Where it listens.</param>
/// <param name="MetricsPath">The path of the metrics.</param>
internal sealed record AdminSettings(ListenerSettings Listener, string MetricsPath = AdminSettings.DefaultMetricsPath)
{
    /// <summary>The reference emulator's path, and everybody else's.</summary>
    public const string DefaultMetricsPath = "/metrics";
}
