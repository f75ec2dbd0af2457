namespace Mds.Server.Protocol;

/// <summary>The headers that every answer has, whatever it says: by them, clients tell what kind of machine they are on.</summary>
/// <param name="Flavor">The value of <c>Metadata-Flavor</c>.</param>
/// <param name="Server">The value of <c>Server</c>.</param>
/// <param name="XssProtection">The value of <c>X-XSS-Protection</c>.</param>
/// <param name="FrameOptions">The value of <c>X-Frame-Options</c>.</param>
internal sealed record StandardHeaders(string Flavor, string Server, string XssProtection, string FrameOptions)
{
    /// <summary>A Compute Engine machine (observed 2019-11 to 2025-03).</summary>
    public static StandardHeaders ComputeEngine { get; } = new("Google", "Metadata Server for VM", "0", "SAMEORIGIN");
}
