using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Metadata;

namespace Mds.Server.Simulation;

/// <summary>Something that happens to the machine at a time, and what its metadata say of that. Immutable.</summary>
/// <param name="Id">What it is called by.</param>
/// <param name="Kind">What happens.</param>
/// <param name="RaisedAt">When it was raised.</param>
/// <param name="StartsAt">When it begins.</param>
/// <param name="EndsAt">When it is over.</param>
internal sealed record SimulatedEvent(
    int Id, SimulatedEventKind Kind, DateTimeOffset RaisedAt, DateTimeOffset StartsAt, DateTimeOffset EndsAt)
{
    /// <summary>How long before it begins a real machine hears of maintenance (docs: getting live migration notices).</summary>
    public static readonly TimeSpan DefaultNotice = TimeSpan.FromSeconds(60);

    /// <summary>How long before its beginning the machine hears of maintenance.</summary>
    public TimeSpan Notice { get; init; } = DefaultNotice;

    /// <summary>What maintenance does to the machine: <c>MIGRATE</c> or <c>TERMINATE</c>.</summary>
    public string Action { get; init; } = "MIGRATE";

    /// <summary>What a shutdown leads to: <c>STOPPED</c> or <c>DELETED</c>.</summary>
    public string Target { get; init; } = "STOPPED";

    /// <summary>How far it has come at a moment.</summary>
    public SimulatedEventPhase PhaseAt(DateTimeOffset now) =>
        now >= EndsAt ? SimulatedEventPhase.After
        : now >= StartsAt ? SimulatedEventPhase.During
        : Kind == SimulatedEventKind.Maintenance && now >= StartsAt - Notice ? SimulatedEventPhase.Notice
        : SimulatedEventPhase.Before;

    /// <summary>The next moment after another one at which the metadata change; <see langword="null"/> when they do no more.</summary>
    public DateTimeOffset? NextChangeAfter(DateTimeOffset now)
    {
        foreach (var moment in new[] { StartsAt - Notice, StartsAt, EndsAt })
        {
            if (moment > now)
            {
                return moment;
            }
        }

        return null;
    }

    /// <summary>What the metadata say of it at a moment.</summary>
    public ClaimsPatch PatchAt(DateTimeOffset now)
    {
        var phase = PhaseAt(now);
        var instance = Kind switch
        {
            SimulatedEventKind.Maintenance => Maintenance(phase),
            SimulatedEventKind.Preemption when phase == SimulatedEventPhase.During => new JsonObject { ["preempted"] = "TRUE" },
            SimulatedEventKind.Shutdown when phase == SimulatedEventPhase.During => Shutdown(),
            _ => null,
        };
        return instance is null
            ? ClaimsPatch.None
            : ClaimsPatch.Parse(Encoding.UTF8.GetBytes(new JsonObject { ["instance"] = instance }.ToJsonString()), "a simulated event");
    }

    // A planned event is announced long before, if at all, in upcoming-maintenance (docs: monitor and plan for a host
    // maintenance event); maintenance-event speaks shortly before it begins and until it is over. A clock that stood still
    // while the machine moved is known by its drift token, which google-guest-agent watches.
    private JsonObject? Maintenance(SimulatedEventPhase phase)
    {
        if (phase == SimulatedEventPhase.After)
        {
            return Action == "MIGRATE"
                ? new JsonObject
                {
                    ["virtualClock"] = new JsonObject
                    {
                        ["driftToken"] = EndsAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                    },
                }
                : null;
        }

        var instance = new JsonObject
        {
            ["upcomingMaintenance"] = new JsonObject
            {
                ["can_reschedule"] = "false",
                ["latest_window_start_time"] = Rfc3339(StartsAt),
                ["maintenance_reasons"] = new JsonArray("PLANNED_UPDATE"),
                ["maintenance_status"] = phase == SimulatedEventPhase.During ? "ONGOING" : "PENDING",
                ["type"] = "SCHEDULED",
                ["window_end_time"] = Rfc3339(EndsAt),
                ["window_start_time"] = Rfc3339(StartsAt),
            },
        };
        if (phase != SimulatedEventPhase.Before)
        {
            instance["maintenanceEvent"] = $"{Action}_ON_HOST_MAINTENANCE";
        }

        return instance;
    }

    // What google-guest-agent waits for to run the scripts of a graceful shutdown; the other keys as Compute Engine's
    // resourceStatus.shutdownDetails names them.
    private JsonObject Shutdown() => new()
    {
        ["shutdownDetails"] = new JsonObject
        {
            ["maxDuration"] = (long)Math.Ceiling((EndsAt - StartsAt).TotalSeconds),
            ["requestTimestamp"] = Rfc3339(StartsAt),
            ["stopState"] = "PENDING_STOP",
            ["targetState"] = Target,
        },
    };

    private static string Rfc3339(DateTimeOffset moment) =>
        moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
