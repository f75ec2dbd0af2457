using Mds.Server.Listeners;

namespace Mds.Server.Settings;

/// <summary>The admin listener.</summary>
/// <param name="Listener">Where it listens.</param>
/// <param name="MetricsPath">The path of the metrics.</param>
/// <param name="Api">Whether the admin API answers there, which can change what is served.</param>
internal sealed record AdminSettings(
    ListenerSettings Listener, string MetricsPath = AdminSettings.DefaultMetricsPath, bool Api = true)
{
    /// <summary>The reference emulator's path, and everybody else's.</summary>
    public const string DefaultMetricsPath = "/metrics";
}
