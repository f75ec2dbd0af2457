using System.Text.Json.Nodes;
using Mds.Metadata;
using Mds.Server.Reload;

namespace Mds.Server.Admin.Api;

/// <summary>
/// <c>claims</c>: the document of what is served, to be replaced (PUT), patched (PATCH) or set back to what the file says
/// (DELETE). Each answers with the whole document, which PUT takes back.
/// </summary>
/// <param name="state">What is served.</param>
internal sealed class ClaimsResource(LiveState state) : IApiResource
{
    private const string Source = "the body";

    /// <inheritdoc/>
    public string Name => "claims";

    /// <inheritdoc/>
    public ApiAnswer Answer(ApiRequest request)
    {
        if (request.Id is not null)
        {
            return ApiAnswer.NotFound("The claims are one document; nothing is below them.");
        }

        if (!state.HasClaims)
        {
            return ApiAnswer.Error(StatusCodes.Status409Conflict, "No claims document could be loaded yet that could be edited; /status says why.");
        }

        try
        {
            switch (request.Method)
            {
                case "GET":
                    return ApiAnswer.Ok(Document());
                case "PUT":
                    var claims = Claims.Parse(request.Body, Source);
                    state.EditClaims(_ => ClaimsPatch.Replace(claims));
                    return ApiAnswer.Ok(Document(), "the claims were replaced");
                case "PATCH":
                    var patch = ClaimsPatch.Parse(request.Body, Source);
                    state.EditClaims(edits => edits.Then(patch));
                    return ApiAnswer.Ok(Document(), "the claims were patched");
                case "DELETE":
                    state.EditClaims(_ => ClaimsPatch.None);
                    return ApiAnswer.Ok(Document(), "the claims were set back to what their file says");
                default:
                    return ApiAnswer.MethodNotAllowed("GET, PUT, PATCH, DELETE");
            }
        }
        catch (ClaimsException exception)
        {
            return ApiAnswer.Errors(
                StatusCodes.Status400BadRequest, exception.Errors.Select(error => new ApiError(error.JsonPath, error.Message)));
        }
    }

    private JsonNode Document() => JsonNode.Parse(state.EditedClaims!.ToUtf8())!;
}
