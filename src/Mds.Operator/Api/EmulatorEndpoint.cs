namespace Mds.Operator.Api;

/// <summary>Where pods reach an emulator: an address and port, never a name, so that no look-up is needed.</summary>
/// <param name="Ip">The address of its Service.</param>
/// <param name="Port">The port of its Service.</param>
internal sealed record EmulatorEndpoint(string Ip, int Port)
{
    /// <summary>Address and port as client libraries read them from <c>GCE_METADATA_HOST</c>.</summary>
    public string Host => Ip.Contains(':', StringComparison.Ordinal) ? $"[{Ip}]:{Port}" : $"{Ip}:{Port}";
}
