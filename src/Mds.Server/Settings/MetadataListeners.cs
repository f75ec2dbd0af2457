using Mds.Server.Listeners;

namespace Mds.Server.Settings;

/// <summary>Where metadata is served: at one place at least, at all of them if so told.</summary>
/// <param name="Tcp">The address and port; <see langword="null"/> when only a Unix socket is asked for.</param>
/// <param name="UnixSocket">The Unix socket, if one is asked for.</param>
/// <param name="Tls">A second address and port, for mutual TLS, if one is asked for.</param>
internal sealed record MetadataListeners(ListenerSettings? Tcp, UnixSocketSettings? UnixSocket = null, ListenerSettings? Tls = null)
{
    /// <summary>The reference emulator's default.</summary>
    public static MetadataListeners Default { get; } = new(ListenerSettings.DefaultMetadata);

    /// <summary>Those that take a port.</summary>
    public IEnumerable<ListenerSettings> Ports => new[] { Tcp, Tls }.OfType<ListenerSettings>();
}
