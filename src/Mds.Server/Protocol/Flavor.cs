using System.Text;
using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>
/// The manners of one kind of metadata server: its headers, and how it refuses. Which paths it has is the tree's business
/// (<see cref="MetadataFlavor"/>).
/// </summary>
internal sealed record Flavor
{
    /// <summary>A Compute Engine machine (observed 2019-11 to 2025-05).</summary>
    public static readonly Flavor ComputeEngine = new()
    {
        Kind = MetadataFlavor.GCE,
        Headers = StandardHeaders.ComputeEngine,
    };

    /// <summary>
    /// Cloud Run, functions and App Engine: its 403 does not say that a metadata server is there (dregsy#82); its other
    /// pages are taken to be those of Compute Engine.
    /// </summary>
    public static readonly Flavor CloudRun = new()
    {
        Kind = MetadataFlavor.CloudRun,
        Headers = StandardHeaders.ComputeEngine with { Server = "Metadata Server for Serverless" },
        ForbiddenHeaders = StandardHeaders.ComputeEngine with { Flavor = null, Server = "Metadata Server for Serverless" },
    };

    /// <summary>
    /// GKE's server of Workload Identity: errors in plain text, and none of its flavor on a 403 (observed 2019-08,
    /// google-auth-library-ruby#228); the required header at the root as well.
    /// </summary>
    public static readonly Flavor Kubernetes = new()
    {
        Kind = MetadataFlavor.GKE,
        Headers = new("Google", "GKE Metadata Server"),
        ErrorHeaders = new("Google", "GKE Metadata Server", ContentTypeOptions: "nosniff"),
        ForbiddenHeaders = new(null, "GKE Metadata Server", ContentTypeOptions: "nosniff"),
        HasPlainErrors = true,
        GuardsRoot = true,
    };

    /// <summary>Which one it is.</summary>
    public required MetadataFlavor Kind { get; init; }

    /// <summary>The headers of every answer, unless the next two say otherwise.</summary>
    public required StandardHeaders Headers { get; init; }

    /// <summary>Those of error pages.</summary>
    public StandardHeaders? ErrorHeaders { get; init; }

    /// <summary>Those of error pages with status 403.</summary>
    public StandardHeaders? ForbiddenHeaders { get; init; }

    /// <summary>Whether errors are a line of text and no page.</summary>
    public bool HasPlainErrors { get; init; }

    /// <summary>Whether <c>/</c> too answers only those who send the required header.</summary>
    public bool GuardsRoot { get; init; }

    /// <summary>The flavor of a kind.</summary>
    /// <param name="kind">The kind.</param>
    public static Flavor Of(MetadataFlavor kind) => kind switch
    {
        MetadataFlavor.CloudRun => CloudRun,
        MetadataFlavor.GKE => Kubernetes,
        _ => ComputeEngine,
    };

    /// <summary>An answer as this flavor gives it: Compute Engine's are as they are, others' differ in their errors.</summary>
    /// <param name="answer">The answer.</param>
    public Answer Dress(in Answer answer)
    {
        if (answer.Page is not { } page)
        {
            return answer;
        }

        var dressed = answer with { Headers = page.Status == StatusCodes.Status403Forbidden ? ForbiddenHeaders : ErrorHeaders };
        return HasPlainErrors
            ? dressed with { ContentType = "text/plain; charset=utf-8", Body = Encoding.UTF8.GetBytes(page.PlainText(answer.Detail)) }
            : dressed;
    }
}
