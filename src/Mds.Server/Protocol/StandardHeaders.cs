namespace Mds.Server.Protocol;

/// <summary>
/// The headers that answers have, whatever they say: by them, clients tell what kind of machine they are on. What is
/// <see langword="null"/> is not sent.
/// </summary>
/// <param name="Flavor">The value of <c>Metadata-Flavor</c>.</param>
/// <param name="Server">The value of <c>Server</c>.</param>
/// <param name="XssProtection">The value of <c>X-XSS-Protection</c>.</param>
/// <param name="FrameOptions">The value of <c>X-Frame-Options</c>.</param>
/// <param name="ContentTypeOptions">The value of <c>X-Content-Type-Options</c>.</param>
internal sealed record StandardHeaders(
    string? Flavor, string Server, string? XssProtection = null, string? FrameOptions = null, string? ContentTypeOptions = null)
{
    /// <summary>A Compute Engine machine (observed 2019-11 to 2025-03).</summary>
    public static StandardHeaders ComputeEngine { get; } = new("Google", "Metadata Server for VM", "0", "SAMEORIGIN");

    /// <summary>Those that are sent, by name.</summary>
    public IEnumerable<KeyValuePair<string, string>> Fields
    {
        get
        {
            (string Name, string? Value)[] all =
            [
                ("Metadata-Flavor", Flavor),
                ("Server", Server),
                ("X-XSS-Protection", XssProtection),
                ("X-Frame-Options", FrameOptions),
                ("X-Content-Type-Options", ContentTypeOptions),
            ];
            return all.Where(header => header.Value is not null).Select(header => KeyValuePair.Create(header.Name, header.Value!));
        }
    }
}
