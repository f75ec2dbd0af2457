using System.Globalization;

namespace Mds.Tpm;

/// <summary>Where a TPM is: a device file, a Unix socket, or a TCP address of a software TPM.</summary>
public sealed record TpmAddress
{
    /// <summary>The device of the kernel's resource manager, which swaps objects of many users in and out.</summary>
    public const string DefaultDevice = "/dev/tpmrm0";

    private const string UnixPrefix = "unix:";

    private readonly string? _host;
    private readonly int _port;

    private TpmAddress(string text, string? host, int port)
    {
        Text = text;
        _host = host;
        _port = port;
    }

    /// <summary>The address as people write it.</summary>
    public string Text { get; }

    /// <summary>How long an answer is waited for where a socket is; a device's driver has limits of its own.</summary>
    // Making an endorsement key takes a hardware TPM many seconds; waiting for another client of swtpm may take as long.
    internal TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long without work a connection to a socket is ended.</summary>
    // A software TPM serves one connection at a time. Others (a second replica, somebody with tpm2-tools) get their turn when
    // this process has been idle for a moment, or has had the TPM for a while.
    internal TimeSpan IdleTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After how long it is ended in any case.</summary>
    internal TimeSpan LongestHold { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether it is a file below <c>/dev</c> or elsewhere, and no socket.</summary>
    public bool IsDevice => _host is null && !Text.StartsWith(UnixPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether what is there serves one connection at a time, as swtpm does: whoever is idle has to make room for others.
    /// </summary>
    internal bool IsSocket => !IsDevice;

    /// <summary>Reads an address.</summary>
    /// <param name="text">A path, <c>unix:</c> and the path of a socket, or <c>host:port</c>.</param>
    /// <param name="address">The address.</param>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse(string? text, out TpmAddress address)
    {
        address = null!;
        if (text is null or "")
        {
            return false;
        }

        if (text.StartsWith('/') || (text.StartsWith(UnixPrefix + "/", StringComparison.Ordinal) && text.Length > UnixPrefix.Length + 1))
        {
            address = new TpmAddress(text, null, 0);
            return true;
        }

        var colon = text.LastIndexOf(':');
        if (colon < 1
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port == 0
            || Host(text[..colon]) is not { } host)
        {
            return false;
        }

        address = new TpmAddress(text, host, port);
        return true;
    }

    /// <summary>Reads an address that is known to be one.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">It is none.</exception>
    public static TpmAddress Parse(string text) =>
        TryParse(text, out var address)
            ? address
            : throw new FormatException(
                $"\"{text}\" is no address of a TPM. Give a device (/dev/tpmrm0), a socket (unix:/run/swtpm.sock) or host:port.");

    /// <summary>Connects.</summary>
    /// <exception cref="TpmException">Nobody is there, or may not be used.</exception>
    internal ITpmTransport Connect() =>
        _host is not null ? SocketTransport.Connect(this, _host, _port)
        : IsDevice ? new DeviceTransport(Text)
        : SocketTransport.Connect(this, Text[UnixPrefix.Length..]);

    /// <inheritdoc/>
    public override string ToString() => Text;

    // An address of IPv6 needs its brackets, and nothing else has any: otherwise ::1:2321 would be ambiguous.
    private static string? Host(string text) => (text, Uri.CheckHostName(text.Trim('[', ']'))) switch
    {
        (['[', .. var inner, ']'], UriHostNameType.IPv6) => inner,
        ([not '[', ..], UriHostNameType.Dns or UriHostNameType.IPv4) when text[^1] != ']' => text,
        _ => null,
    };
}
