using System.Text.Json.Nodes;

namespace Mds.Server.Admin.Api;

/// <summary>What the admin API answers: JSON, or nothing.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The JSON.</param>
/// <param name="Allow">The methods that would have been right.</param>
/// <param name="Done">What was changed, as a sentence for the log; <see langword="null"/> when nothing was.</param>
internal sealed record ApiAnswer(int Status, JsonNode? Body, string? Allow = null, string? Done = null)
{
    /// <summary>Here it is.</summary>
    public static ApiAnswer Ok(JsonNode body, string? done = null) => new(StatusCodes.Status200OK, body, Done: done);

    /// <summary>Made.</summary>
    public static ApiAnswer Created(JsonNode body, string done) => new(StatusCodes.Status201Created, body, Done: done);

    /// <summary>One thing is wrong.</summary>
    public static ApiAnswer Error(int status, string message) => Errors(status, [new ApiError("$", message)]);

    /// <summary>Several things are wrong.</summary>
    public static ApiAnswer Errors(int status, IEnumerable<ApiError> errors) => new(status, new JsonObject
    {
        ["errors"] = new JsonArray([.. errors.Select(error => new JsonObject { ["path"] = error.Path, ["message"] = error.Message })]),
    });

    /// <summary>There is no such thing.</summary>
    public static ApiAnswer NotFound(string message) => Error(StatusCodes.Status404NotFound, message);

    /// <summary>The method is not one of those that make sense.</summary>
    public static ApiAnswer MethodNotAllowed(string allow) =>
        Error(StatusCodes.Status405MethodNotAllowed, $"This path takes {allow}.") with { Allow = allow };
}
