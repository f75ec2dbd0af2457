using System.Globalization;
using System.Text.Json.Nodes;
using Mds.Server.Telemetry;

namespace Mds.Server.Admin.Api;

/// <summary><c>requests</c>: the latest requests for metadata with their answers, the newest first; <c>?limit=</c> for fewer. DELETE forgets them.</summary>
/// <param name="recent">Keeps them.</param>
internal sealed class RequestsResource(RecentRequests recent) : IApiResource
{
    /// <inheritdoc/>
    public string Name => "requests";

    /// <inheritdoc/>
    public ApiAnswer Answer(ApiRequest request)
    {
        if (request.Id is not null)
        {
            return ApiAnswer.NotFound("Requests are listed together; nothing is below them.");
        }

        switch (request.Method)
        {
            case "GET":
                var limit = RecentRequests.Capacity;
                return request.Query["limit"] is [var text, ..] && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit)
                    ? ApiAnswer.Error(StatusCodes.Status400BadRequest, $"limit is \"{text}\", and must be a whole number.")
                    : ApiAnswer.Ok(new JsonArray([.. recent.Latest(limit).Select(Json)]));
            case "DELETE":
                recent.Clear();
                return ApiAnswer.Ok(new JsonArray(), "the list of requests was emptied");
            default:
                return ApiAnswer.MethodNotAllowed("GET, DELETE");
        }
    }

    private static JsonObject Json(RecentRequest request) => new()
    {
        ["number"] = request.Number,
        ["time"] = request.Time,
        ["method"] = request.Method,
        ["target"] = ShownTarget.Of(request.RawTarget),
        ["status"] = request.Answer.Status,
        ["refusal"] = request.Refusal,
        ["seconds"] = Math.Round(request.Elapsed.TotalSeconds, 6),
        ["userAgent"] = request.UserAgent,
        ["answer"] = new JsonObject
        {
            ["bytes"] = request.Answer.Bytes,
            ["contentType"] = request.Answer.ContentType,
            ["etag"] = request.Answer.ETag,
            ["location"] = request.Answer.Location is { } location ? ShownTarget.OfAddress(location) : null,
            ["body"] = request.Answer.Body,
        },
    };
}
