using Mds.Server.Protocol;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Telemetry;

/// <summary>The latest requests, in a ring of fixed size: keeping one costs no memory.</summary>
/// <param name="time">The clock.</param>
internal sealed class RecentRequests(TimeProvider time) : IRequestObserver
{
    /// <summary>How many are kept.</summary>
    public const int Capacity = 256;

    private readonly Lock _gate = new();
    private readonly RecentRequest[] _ring = new RecentRequest[Capacity];
    private long _count;

    /// <summary>No: the fast lane does not look at what program asks.</summary>
    public bool AllowsFastLane => false;

    /// <inheritdoc/>
    public void Answered(in AnsweredRequest request)
    {
        if (request.Context is not { } context)
        {
            return;
        }

        var now = time.GetUtcNow();
        lock (_gate)
        {
            _ring[_count % Capacity] = new RecentRequest(
                ++_count,
                now,
                context.Request.Method,
                context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                request.Status,
                request.Outcome.Refusal,
                request.Elapsed,
                context.Request.Headers.UserAgent);
        }
    }

    /// <summary>The latest requests, the newest first.</summary>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<RecentRequest> Latest(int most)
    {
        lock (_gate)
        {
            var latest = new List<RecentRequest>();
            for (var number = _count; number > 0 && number > _count - Capacity && latest.Count < most; number--)
            {
                if (_ring[(number - 1) % Capacity] is { Number: > 0 } request)
                {
                    latest.Add(request);
                }
            }

            return latest;
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Array.Clear(_ring);
        }
    }
}
