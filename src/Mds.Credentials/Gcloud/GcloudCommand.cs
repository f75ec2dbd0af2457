using System.Text;
using System.Text.RegularExpressions;

namespace Mds.Credentials;

/// <summary>Runs gcloud as the person at the keyboard would.</summary>
/// <param name="configuration">The configuration it uses.</param>
/// <param name="folder">The folder that it keeps its configurations in.</param>
/// <param name="time">The clock.</param>
/// <param name="program">The program.</param>
internal sealed partial class GcloudCommand(string configuration, string folder, TimeProvider time, string program)
{
    // gcloud starts slowly, and asks Google.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(28);

    /// <summary>Runs a command.</summary>
    /// <param name="arguments">What comes after <c>gcloud</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="TokenSourceException">It could not; the message has its reason.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        // Nobody is there to answer, and the metadata server that it would look for may be this one.
        var run = new ProgramRun(
            program,
            [.. arguments, $"--configuration={configuration}"],
            new Dictionary<string, string>
            {
                ["CLOUDSDK_CONFIG"] = folder, ["CLOUDSDK_CORE_DISABLE_PROMPTS"] = "1", ["CLOUDSDK_CORE_CHECK_GCE_METADATA"] = "False",
            },
            Limit);
        try
        {
            var outcome = await run.RunAsync(time, cancellationToken);
            return outcome.ExitCode == 0 ? Encoding.UTF8.GetString(outcome.Output) : throw Failed(arguments, Encoding.UTF8.GetString(outcome.Error));
        }
        catch (ProgramStartException e)
        {
            throw new TokenSourceException(
                TokenSourceFault.Unusable, $"gcloud could not be started: {e.Message}. Install the Google Cloud CLI, and see that it is on PATH.");
        }
        catch (TimeoutException)
        {
            throw new TokenSourceException(
                TokenSourceFault.Unavailable, $"gcloud {arguments[0]} {arguments[1]} did not end within {Limit.TotalSeconds:0.###} s.");
        }
    }

    // "ERROR: (gcloud.auth.print-identity-token) There was a problem refreshing your current auth tokens: …"
    private static TokenSourceException Failed(IReadOnlyList<string> arguments, string error)
    {
        var lines = error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var first = Array.FindIndex(lines, line => line.StartsWith("ERROR:", StringComparison.Ordinal));
        var reason = IssuerText.Clean(
            first < 0 ? lines.LastOrDefault() ?? "it said nothing"
            // Compute Engine's reasons come below, as a list: "ERROR: (…) Could not fetch resource:", " - …".
            : lines[first].EndsWith(':') && first + 1 < lines.Length ? $"{lines[first]} {lines[first + 1].TrimStart('-', ' ')}"
            : lines[first]);
        if (DisabledApi().Match(error) is { Success: true } disabled)
        {
            return new(
                TokenSourceFault.Unavailable,
                $"gcloud {arguments[0]} {arguments[1]} failed: {reason.TrimEnd('.')}. Enable it: gcloud services enable {disabled.Groups[1].Value}.");
        }

        string[] refusals = ["invalid_grant", "auth login", "Reauthentication", "do not currently have an active account", "does not have permission", "PERMISSION_DENIED", "Invalid account type"];
        var fault = refusals.Any(word => error.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? TokenSourceFault.Rejected
            : TokenSourceFault.Unavailable;
        return new(fault, $"gcloud {arguments[0]} {arguments[1]} failed: {reason.TrimEnd('.')}."
            + (fault is TokenSourceFault.Rejected ? " Log in again: gcloud auth login." : ""));
    }

    // "Compute Engine API has not been used in project 1 before or it is disabled. Enable it by visiting
    // https://console.developers.google.com/apis/api/compute.googleapis.com/overview?project=1 then retry."
    [GeneratedRegex(@"has not been used in project .*/apis/api/([a-z]+\.googleapis\.com)")]
    private static partial Regex DisabledApi();
}
