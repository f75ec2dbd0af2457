using System.Globalization;
using System.Text.Json.Nodes;
using Mds.Metadata;
using Mds.Server.Simulation;

namespace Mds.Server.Admin.Api;

/// <summary><c>events</c>: what happens to the machine, to be raised (POST), listed and cancelled (DELETE).</summary>
/// <param name="events">The events.</param>
/// <param name="store">Knows what the machine wants to become of it when its host is maintained.</param>
/// <param name="time">The clock.</param>
internal sealed class EventsResource(SimulatedEvents events, MetadataStore store, TimeProvider time) : IApiResource
{
    /// <inheritdoc/>
    public string Name => "events";

    /// <inheritdoc/>
    public ApiAnswer Answer(ApiRequest request) => (request.Method, request.Id, request.Number) switch
    {
        ("GET", null, _) => ApiAnswer.Ok(new JsonArray([.. events.All.Select(Json)])),
        ("POST", null, _) => Raise(new ApiBody(request.Body)),
        ("DELETE", null, _) => ApiAnswer.Ok(new JsonObject { ["cancelled"] = events.CancelAll() }, "all simulated events were cancelled"),
        ("GET", _, { } id) when events.Find(id) is { } found => ApiAnswer.Ok(Json(found)),
        ("DELETE", _, { } id) when events.Cancel(id) => ApiAnswer.Ok(new JsonObject { ["cancelled"] = 1 }, $"the simulated event {id} was cancelled"),
        ("GET" or "DELETE", _, _) => ApiAnswer.NotFound($"There is no event \"{request.Id}\"."),
        (_, null, _) => ApiAnswer.MethodNotAllowed("GET, POST, DELETE"),
        _ => ApiAnswer.MethodNotAllowed("GET, DELETE"),
    };

    private ApiAnswer Raise(ApiBody body)
    {
        var word = body.Word("kind", "", "maintenance", "preemption", "shutdown");
        if (!body.Has("kind"))
        {
            body.Fail("kind", "Say what happens: maintenance, preemption or shutdown.");
        }

        Enum.TryParse<SimulatedEventKind>(word, ignoreCase: true, out var kind);
        var wait = body.Duration("in", TimeSpan.Zero);
        var length = body.Duration("for", DefaultLength(kind));
        if (body.Has("for") && length == TimeSpan.Zero)
        {
            body.Fail("for", "What lasts no time does not happen. Give a length such as \"1s\".");
        }

        var notice = body.Duration("notice", SimulatedEvent.DefaultNotice);
        var action = body.Word("action", OnHostMaintenance(), "MIGRATE", "TERMINATE");
        var target = body.Word("target", "STOPPED", "STOPPED", "DELETED");
        foreach (var (key, only) in new[] { ("notice", SimulatedEventKind.Maintenance), ("action", SimulatedEventKind.Maintenance), ("target", SimulatedEventKind.Shutdown) })
        {
            if (body.Has(key) && word.Length > 0 && kind != only)
            {
                body.Fail(key, $"This key is for {Word(only)} only.");
            }
        }

        if (body.Errors is { Count: > 0 } errors)
        {
            return ApiAnswer.Errors(StatusCodes.Status400BadRequest, errors);
        }

        var raised = events.Raise((id, now) => new SimulatedEvent(id, kind, now, now + wait, now + wait + length)
        {
            Notice = notice,
            Action = action,
            Target = target,
        });
        return ApiAnswer.Created(
            Json(raised), string.Create(CultureInfo.InvariantCulture, $"a {Word(kind)} was raised, in {wait.TotalSeconds} s for {length.TotalSeconds} s"));
    }

    // Spot machines have 30 seconds (docs: Spot VMs), a graceful shutdown 10 minutes unless said otherwise (docs: graceful
    // shutdown); the pause of a live migration is shorter than a test would notice.
    private static TimeSpan DefaultLength(SimulatedEventKind kind) => kind switch
    {
        SimulatedEventKind.Preemption => TimeSpan.FromSeconds(30),
        SimulatedEventKind.Shutdown => TimeSpan.FromMinutes(10),
        _ => TimeSpan.FromSeconds(60),
    };

    private string OnHostMaintenance() =>
        store.Current.Find("/computeMetadata/v1/instance/scheduling/on-host-maintenance")?.Render() is { } rendering
        && rendering.Body.Span.SequenceEqual("TERMINATE"u8)
            ? "TERMINATE"
            : "MIGRATE";

    private JsonObject Json(SimulatedEvent simulated)
    {
        var json = new JsonObject
        {
            ["id"] = simulated.Id,
            ["kind"] = Word(simulated.Kind),
            ["phase"] = simulated.PhaseAt(time.GetUtcNow()).ToString().ToLowerInvariant(),
            ["raisedAt"] = simulated.RaisedAt,
            ["startsAt"] = simulated.StartsAt,
            ["endsAt"] = simulated.EndsAt,
        };
        if (simulated.Kind == SimulatedEventKind.Maintenance)
        {
            json["action"] = simulated.Action;
            json["noticeSeconds"] = simulated.Notice.TotalSeconds;
        }
        else if (simulated.Kind == SimulatedEventKind.Shutdown)
        {
            json["target"] = simulated.Target;
        }

        return json;
    }

    private static string Word(SimulatedEventKind kind) => kind.ToString().ToLowerInvariant();
}
