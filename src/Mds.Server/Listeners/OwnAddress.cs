using System.Net;
using System.Net.NetworkInformation;

namespace Mds.Server.Listeners;

/// <summary>
/// Whether an address leads back to this server, which would wait for its own answer: easily done in a terminal where
/// <c>GCE_METADATA_HOST</c> names it, and with a listener on the real address.
/// </summary>
internal static class OwnAddress
{
    private const int MetadataPort = 80;

    private static readonly IPAddress RealAddress = IPAddress.Parse("169.254.169.254");

    /// <summary>Every address of this machine.</summary>
    public static IEnumerable<IPAddress> OfThisMachine => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(address => address.Address);

    /// <summary>Decides it.</summary>
    /// <param name="address">A host, with a port if it is not 80.</param>
    /// <param name="listeners">Where this server listens.</param>
    /// <param name="machine">The addresses of the machine, which a listener on every address has.</param>
    public static bool Is(string address, IEnumerable<IPEndPoint> listeners, IEnumerable<IPAddress> machine)
    {
        if (!Uri.TryCreate($"http://{address}/", UriKind.Absolute, out var uri) || Host(uri) is not { } host)
        {
            return false;
        }

        var port = uri.IsDefaultPort ? MetadataPort : uri.Port;
        return listeners.Any(listener => listener.Port == port && (
            listener.Address.Equals(host)
            || (IsAny(listener.Address) && (IPAddress.IsLoopback(host) || machine.Any(own => own.Equals(host))))));
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // The names that machines of Google's have for it; others are not looked up.
    private static IPAddress? Host(Uri uri) => uri.IdnHost switch
    {
        "localhost" => IPAddress.Loopback,
        "metadata.google.internal" or "metadata" => RealAddress,
        var host => IPAddress.TryParse(host, out var parsed) ? parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed : null,
    };
}
