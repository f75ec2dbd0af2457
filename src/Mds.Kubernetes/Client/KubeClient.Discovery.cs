using System.Globalization;
using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

public sealed partial class KubeClient
{
    /// <summary>Whether the server serves a version of an API group.</summary>
    /// <param name="group">The group; empty for the core group.</param>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<bool> ServesAsync(string group, string version, CancellationToken cancellationToken = default) =>
        await FindGroupVersionAsync(new ResourceType(group, version, "", ""), cancellationToken) is not null;

    /// <summary>Whether the server serves a resource type in this very version.</summary>
    /// <param name="type">The type.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<bool> HasResourceAsync(ResourceType type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        var served = await FindGroupVersionAsync(type, cancellationToken);
        return served?["resources"] is JsonArray resources
            && resources.Any(resource => KubeJson.TextOf(resource?["name"]) == type.Plural);
    }

    /// <summary>Asks the server for its version.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<KubeVersion> VersionAsync(CancellationToken cancellationToken = default)
    {
        var version = await SendAsync(new KubeRequest(HttpMethod.Get, "/version"), cancellationToken);
        return new KubeVersion(Number("major"), Number("minor"), KubeJson.TextOf(version["gitVersion"]) ?? "");

        int Number(string key)
        {
            var digits = (KubeJson.TextOf(version[key]) ?? "").AsSpan();
            var end = digits.IndexOfAnyExceptInRange('0', '9');
            return int.TryParse(end < 0 ? digits : digits[..end], CultureInfo.InvariantCulture, out var number) ? number : 0;
        }
    }

    private async Task<JsonObject?> FindGroupVersionAsync(ResourceType type, CancellationToken cancellationToken)
    {
        try
        {
            var path = (type.Group.Length == 0 ? "/api/" : "/apis/") + type.ApiVersion;
            return await SendAsync(new KubeRequest(HttpMethod.Get, path), cancellationToken);
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
