using System.Globalization;
using System.Net;
using Mds.Server.Listeners;

namespace Mds.Server.Settings;

/// <summary>Reads single values as what they have to be, with a sentence for each that is not.</summary>
/// <param name="layers">Where values are found.</param>
/// <param name="errors">Takes the sentences.</param>
internal sealed class SettingParser(SettingsLayers layers, List<string> errors)
{
    /// <summary>Where a listener listens.</summary>
    /// <param name="defaults">The switches that set it, and what they are when not given.</param>
    public ListenerSettings Listener(ListenerSettings defaults)
    {
        var address = defaults.Interface;
        if (layers.Find(Key(defaults.InterfaceSwitch)) is { } given)
        {
            if (given.Text == "*")
            {
                address = null;
            }
            else if (given.Text == "localhost")
            {
                address = IPAddress.Loopback;
            }
            else if (!IPAddress.TryParse(given.Text, out address))
            {
                errors.Add($"{given.Origin}: \"{given.Text}\" is not an address to listen on. "
                    + "Give an IPv4 or IPv6 address of this machine, or * for every address.");
            }
        }

        return defaults with { Interface = address, Port = Port(Key(defaults.PortSwitch), defaults.Port) };
    }

    /// <summary>Yes or no.</summary>
    /// <param name="key">The configuration key.</param>
    /// <param name="otherwise">The value when none is given.</param>
    public bool Flag(string key, bool otherwise)
    {
        if (layers.Find(key) is not { } given)
        {
            return otherwise;
        }

        if (bool.TryParse(given.Text, out var value))
        {
            return value;
        }

        errors.Add($"{given.Origin}: \"{given.Text}\" is neither true nor false.");
        return otherwise;
    }

    /// <summary>Host names and addresses: one value with commas, or in the settings file a list.</summary>
    /// <param name="key">The configuration key.</param>
    public IReadOnlyList<string> Hosts(string key)
    {
        var hosts = new List<string>();
        var values = layers.Find(key) is { } single
            ? [single]
            : layers.Children(key).Select(child => layers.Find(child.Path)).OfType<SettingValue>();
        foreach (var value in values)
        {
            foreach (var host in value.Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                {
                    errors.Add($"{value.Origin}: \"{host}\" is not a host. "
                        + "Give a name or an address without a port, as in metadata.google.internal.");
                }

                hosts.Add(host);
            }
        }

        return hosts;
    }

    /// <summary>An http or https address; <see langword="null"/> when none is given.</summary>
    /// <param name="key">The configuration key.</param>
    public Uri? Address(string key)
    {
        if (layers.Find(key) is not { } given)
        {
            return null;
        }

        if (Uri.TryCreate(given.Text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        errors.Add($"{given.Origin}: \"{given.Text}\" is not an address. Give an http or https address, as in https://sts.googleapis.com.");
        return null;
    }

    /// <summary>A host, with a port if it is not 80; <see langword="null"/> when none is given.</summary>
    /// <param name="key">The configuration key.</param>
    public string? HostAndPort(string key)
    {
        if (layers.Find(key) is not { } given)
        {
            return null;
        }

        if (!IsHostAndPort(given.Text))
        {
            errors.Add($"{given.Origin}: \"{given.Text}\" is not a host. Give a name or an address, with a port if it is not 80, as in 169.254.169.254.");
        }

        return given.Text;
    }

    /// <summary>Whether a text is a host, with a port if it is not 80, and without http:// before it.</summary>
    /// <param name="text">The text.</param>
    public static bool IsHostAndPort(string text) =>
        Uri.TryCreate($"http://{text}/", UriKind.Absolute, out var uri)
        && uri is { UserInfo: "", PathAndQuery: "/", Fragment: "", Port: > 0 }
        && !text.EndsWith(':');

    /// <summary>A number of seconds; none when it is not given.</summary>
    /// <param name="key">The configuration key.</param>
    public TimeSpan Seconds(string key)
    {
        if (layers.Find(key) is not { } given)
        {
            return TimeSpan.Zero;
        }

        if (ushort.TryParse(given.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        errors.Add($"{given.Origin}: \"{given.Text}\" is not a number of seconds from 0 to 65535.");
        return TimeSpan.Zero;
    }

    /// <summary>One of the names of an enumeration, in any case.</summary>
    /// <param name="key">The configuration key.</param>
    /// <param name="otherwise">The value when none is given.</param>
    public T Choice<T>(string key, T otherwise)
        where T : struct, Enum
    {
        if (layers.Find(key) is not { } given)
        {
            return otherwise;
        }

        // Enum.TryParse takes numbers as well; nobody means them.
        if (Enum.TryParse<T>(given.Text, ignoreCase: true, out var value) && char.IsLetter(given.Text[0]))
        {
            return value;
        }

        var names = string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()));
        errors.Add($"{given.Origin}: \"{given.Text}\" is none of {names}.");
        return otherwise;
    }

    // What an error calls it, a switch or a place in the settings file, as the key that it is.
    private static string Key(string name) => name.TrimStart('-', '$', '.').Replace('.', ':');

    // ":8080" is the reference emulator's form; Go's net.Listen wants the colon.
    private int Port(string key, int otherwise)
    {
        if (layers.Find(key) is not { } given)
        {
            return otherwise;
        }

        var digits = given.Text.StartsWith(':') ? given.Text[1..] : given.Text;
        if (ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return port;
        }

        errors.Add($"{given.Origin}: \"{given.Text}\" is not a port. Give a number from 0 to 65535, as in :8080.");
        return otherwise;
    }
}
