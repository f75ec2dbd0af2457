using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Admin.Api;

/// <summary>Asks the admin API.</summary>
internal static class AdminClient
{
    public static async Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(
        this StartedServer server, string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/admin/v1/" + path)
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await server.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    /// <summary>The JSON paths and the sentences of errors.</summary>
    public static IEnumerable<(string Path, string Message)> Errors(this JsonNode body) =>
        body["errors"]!.AsArray().Select(error => ((string)error!["path"]!, (string)error["message"]!));
}
