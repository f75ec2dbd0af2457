using System.Text.Json;

namespace Mds.Credentials;

/// <summary>What Google knows of the project of a configuration of gcloud, and what its machines are told of it.</summary>
/// <param name="Id">The project's id.</param>
/// <param name="Number">Its number.</param>
/// <param name="Attributes">The metadata that all its machines have in common.</param>
public sealed record GcloudProject(string Id, ulong Number, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Asks Google by gcloud.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="folder">The folder that gcloud keeps its configurations in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="program">The program.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TokenSourceException">There is no project, or gcloud could not tell; the message says what to do.</exception>
    public static async Task<GcloudProject> DescribeAsync(
        GcloudConfiguration configuration, string folder, TimeProvider time, string program, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var id = configuration.Project ?? throw new TokenSourceException(
            TokenSourceFault.Unusable,
            $"The configuration \"{configuration.Name}\" of gcloud has no project. Set one: gcloud config set project PROJECT --configuration={configuration.Name}.");
        var gcloud = new GcloudCommand(configuration.Name, folder, time, program);

        // The id in Compute Engine's answer is a number of its own and not the project's (docs: compute projects.get).
        var answers = await Task.WhenAll(
            gcloud.RunAsync(["compute", "project-info", "describe", $"--project={id}", "--format=json"], cancellationToken),
            gcloud.RunAsync(["projects", "describe", id, "--format=json"], cancellationToken));
        try
        {
            using var compute = JsonDocument.Parse(answers[0]);
            using var project = JsonDocument.Parse(answers[1]);
            return new(
                compute.RootElement.GetProperty("name").GetString()!,
                ulong.Parse(project.RootElement.GetProperty("projectNumber").GetString()!, System.Globalization.CultureInfo.InvariantCulture),
                Attributes(compute.RootElement));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            // Without the exception's words, which may quote an attribute.
            throw new TokenSourceException(
                TokenSourceFault.Unavailable, $"gcloud did not describe the project {id} in a form that can be read; gcloud components update may help.");
        }

        // A project without any attribute has no items.
        static Dictionary<string, string> Attributes(JsonElement compute) =>
            compute.TryGetProperty("commonInstanceMetadata", out var metadata) && metadata.TryGetProperty("items", out var items)
                ? items.EnumerateArray().ToDictionary(
                    item => item.GetProperty("key").GetString()!,
                    item => item.TryGetProperty("value", out var value) ? value.GetString()! : "")
                : [];
    }
}
