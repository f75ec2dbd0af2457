using System.Text.Json.Nodes;
using Mds.Server.Faults;

namespace Mds.Server.Admin.Api;

/// <summary><c>faults</c>: what goes wrong with requests for metadata, to be set (POST), listed and taken away (DELETE).</summary>
/// <param name="faults">The faults.</param>
internal sealed class FaultsResource(FaultSet faults) : IApiResource
{
    /// <inheritdoc/>
    public string Name => "faults";

    /// <inheritdoc/>
    public ApiAnswer Answer(ApiRequest request) => (request.Method, request.Id, request.Number) switch
    {
        ("GET", null, _) => ApiAnswer.Ok(new JsonArray([.. faults.All.Select(Json)])),
        ("POST", null, _) => Add(new ApiBody(request.Body)),
        ("DELETE", null, _) => ApiAnswer.Ok(new JsonObject { ["deleted"] = faults.Clear() }, "all faults were taken away"),
        ("GET", _, { } id) when faults.Find(id) is { } found => ApiAnswer.Ok(Json(found)),
        ("DELETE", _, { } id) when faults.Remove(id) => ApiAnswer.Ok(new JsonObject { ["deleted"] = 1 }, $"the fault {id} was taken away"),
        ("GET" or "DELETE", _, _) => ApiAnswer.NotFound($"There is no fault \"{request.Id}\"."),
        (_, null, _) => ApiAnswer.MethodNotAllowed("GET, POST, DELETE"),
        _ => ApiAnswer.MethodNotAllowed("GET, DELETE"),
    };

    private ApiAnswer Add(ApiBody body)
    {
        var path = body.Text("path", "*");
        var status = body.Number("status", 400, 599);
        var delay = body.Duration("delay", TimeSpan.Zero);
        var probability = body.Probability("probability");
        var seed = body.Number("seed", int.MinValue, int.MaxValue);
        var times = body.Number("times", 1, int.MaxValue);
        if (path is not ['/' or '*', ..])
        {
            body.Fail("path", "A path begins with / or *, as in */token.");
        }

        if (path.AsSpan().ContainsAny('?', '\\'))
        {
            body.Fail("path", "A path has no ? (queries are not looked at) and no \\; the one special character is *.");
        }

        if (!body.Has("status") && !body.Has("delay"))
        {
            body.Fail("status", "Say what goes wrong: give a status (400 to 599), a delay, or both.");
        }

        if (body.Errors is { Count: > 0 } errors)
        {
            return ApiAnswer.Errors(StatusCodes.Status400BadRequest, errors);
        }

        var fault = faults.Add(id => new Fault(id, path, status, delay, probability, seed, times));
        return ApiAnswer.Created(Json(fault), $"the fault {fault.Id} was set for {path}");
    }

    private static JsonObject Json(Fault fault) => new()
    {
        ["id"] = fault.Id,
        ["path"] = fault.Path,
        ["status"] = fault.Status,
        ["delaySeconds"] = fault.Delay.TotalSeconds,
        ["probability"] = fault.Probability,
        ["seed"] = fault.Seed,
        ["times"] = fault.Times,
        ["count"] = fault.Count,
    };
}
