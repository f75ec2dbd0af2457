using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Server.Commands;

/// <summary>
/// The metadata server's address on the loopback interface. The address that this program adds carries a label, which the
/// kernel keeps with it: so it is known again, and one that somebody else added is left alone.
/// </summary>
internal static class LoopbackAddress
{
    /// <summary>The address of every metadata server (docs: metadata overview).</summary>
    public const string Address = "169.254.169.254";

    private const string Label = "lo:mds";

    /// <summary>The arguments of <c>ip</c> that add the address.</summary>
    public static IReadOnlyList<string> Add { get; } = ["address", "add", Address + "/32", "dev", "lo", "label", Label];

    /// <summary>The arguments of <c>ip</c> that take it away.</summary>
    public static IReadOnlyList<string> Delete { get; } = ["address", "del", Address + "/32", "dev", "lo", "label", Label];

    /// <summary>Who added the address, if it is there.</summary>
    /// <exception cref="LinkLocalException">It cannot be found out.</exception>
    public static AddressOwner Owner() => OwnerIn(Run(["-json", "address", "show", "dev", "lo"]));

    /// <summary>Who added the address, by what <c>ip -json address show</c> says.</summary>
    /// <param name="json">What it says.</param>
    public static AddressOwner OwnerIn(string json)
    {
        try
        {
            var labels = JsonNode.Parse(json)!.AsArray()
                .SelectMany(link => link?["addr_info"]?.AsArray() ?? [])
                .Where(address => (string?)address?["local"] == Address)
                .Select(address => (string?)address!["label"])
                .ToList();
            return labels.Contains(Label) ? AddressOwner.ThisProgram
                : labels.Count > 0 ? AddressOwner.SomebodyElse
                : AddressOwner.Nobody;
        }
        catch (JsonException exception)
        {
            throw new LinkLocalException("What ip -json address show says is not JSON. Install iproute2 4.13 or newer.", exception);
        }
    }

    /// <summary>Runs <c>ip</c>.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it prints.</returns>
    /// <exception cref="LinkLocalException">It is missing or fails.</exception>
    public static string Run(IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ip", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? output
                : throw new LinkLocalException($"ip {string.Join(' ', arguments)} failed: {errors.Result.Trim()}");
        }
        catch (Win32Exception exception)
        {
            throw new LinkLocalException("The program ip is missing. Install it (Debian's package iproute2); it is there for Linux only.", exception);
        }
    }
}
