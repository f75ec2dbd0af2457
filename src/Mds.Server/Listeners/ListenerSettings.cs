using System.Net;

namespace Mds.Server.Listeners;

/// <summary>Where a listener listens.</summary>
/// <param name="Interface">The address of one interface; <see langword="null"/> for every IPv4 and IPv6 address.</param>
/// <param name="Port">The port; 0 takes a free one.</param>
/// <param name="InterfaceSwitch">The switch that sets the interface, to be named in errors.</param>
/// <param name="PortSwitch">The switch that sets the port, to be named in errors.</param>
/// <param name="Tls">TLS; <see langword="null"/> where it speaks plainly.</param>
internal sealed record ListenerSettings(
    IPAddress? Interface, int Port, string InterfaceSwitch, string PortSwitch, TlsSettings? Tls = null)
{
    /// <summary>The reference emulator's default for metadata.</summary>
    public static ListenerSettings DefaultMetadata { get; } = new(IPAddress.Loopback, 8080, "-interface", "-port");

    /// <summary>The reference emulator's default for metrics.</summary>
    public static ListenerSettings DefaultAdmin { get; } =
        new(IPAddress.Loopback, 9000, "-metricsInterface", "-metricsPort");

    /// <summary>The local issuer's own listener, which is open only where its port is given.</summary>
    public static ListenerSettings DefaultIssuer { get; } =
        new(IPAddress.Loopback, 9001, "-issuerInterface", "-issuerPort");

    /// <summary>Says which other listener has the same port; <see langword="null"/> when none has.</summary>
    /// <param name="name">What this one is called at the beginning of a sentence.</param>
    /// <param name="others">The others.</param>
    public string? PortClash(string name, IEnumerable<ListenerSettings> others) =>
        Port != 0 && others.FirstOrDefault(other => other.Port == Port) is { } taken
            ? $"{taken.PortSwitch} and {PortSwitch} are both {Port}. {name} needs a port of its own."
            : null;
}
