using System.Diagnostics;
using Mds.Server.Faults;

namespace Mds.Server.Protocol;

/// <summary>
/// Where every request on a metadata listener passes, through Kestrel's HTTP or by the fast lane: asks for its answer, and
/// tells those who look on.
/// </summary>
/// <param name="endpoint">Answers.</param>
/// <param name="flavor">Whose manners answers have.</param>
/// <param name="observers">Those who look on.</param>
internal sealed class MetadataHandler(MetadataEndpoint endpoint, Flavor flavor, params IRequestObserver[] observers)
{
    private const string Injected = "fault";

    // Kestrel has rules for clients that take a long answer slowly.
    private const int LongestOnTheLane = 64 * 1024;

    private readonly ResponseWriter _writer = new(flavor.Headers);

    /// <summary>The headers of every answer.</summary>
    public StandardHeaders Headers { get; } = flavor.Headers;

    /// <summary>What goes wrong on purpose.</summary>
    public FaultSet? Faults { get; init; }

    /// <summary>Whether requests may take the fast lane at this moment.</summary>
    public bool AllowsFastLane
    {
        get
        {
            if (Faults is { Any: true })
            {
                return false;
            }

            foreach (var observer in observers)
            {
                if (!observer.AllowsFastLane)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Answers a request that Kestrel read.</summary>
    /// <param name="context">The request.</param>
    public Task HandleAsync(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        var request = MetadataRequest.Of(context);
        var reply = Ask(request);
        if (Faults is { Any: true } faults && faults.Next(request.Target.Path) is { } fault)
        {
            return HandleAsync(context, reply.Outcome, faults, fault, start);
        }

        if (reply.Later is { } later)
        {
            return HandleAsync(context, reply.Outcome, later, start);
        }

        Tell(request, reply.Outcome, reply.Answer, start, context);
        return _writer.WriteAsync(context, reply.Answer);
    }

    /// <summary>Answers a request of the fast lane.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>Whether it could be answered at once, and with little; if not, nobody has been told of it.</returns>
    public bool TryAnswer(in MetadataRequest request, out Answer answer)
    {
        var start = Stopwatch.GetTimestamp();
        var reply = Ask(request);
        answer = reply.Answer;
        if (reply.Later is not null || answer.Headers is not null || answer.Body.Length > LongestOnTheLane)
        {
            return false;
        }

        Tell(request, reply.Outcome, answer, start, context: null);
        return true;
    }

    private async Task HandleAsync(
        HttpContext context, RequestOutcome outcome, Func<HttpContext, ValueTask<Answer>> later, long start)
    {
        var answer = flavor.Dress(await later(context));
        Tell(MetadataRequest.Of(context), outcome, answer, start, context);
        await _writer.WriteAsync(context, answer);
    }

    /// <summary>Answers a request that a fault befalls: late, or with the fault's status, or both.</summary>
    private async Task HandleAsync(HttpContext context, RequestOutcome outcome, FaultSet faults, Fault fault, long start)
    {
        Answer answer;
        try
        {
            await faults.WaitAsync(fault, context.RequestAborted);
            if (fault.Status is { } status)
            {
                outcome = outcome with { Refusal = Injected };
                answer = Answer.Error(ErrorPage.OfFault(status), RequestTarget.Of(context).Path);
            }
            else
            {
                // Asked again: what was true when it came may be no more.
                var reply = Ask(MetadataRequest.Of(context));
                answer = reply.Later is { } later ? await later(context) : reply.Answer;
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            answer = Answer.ClientClosed;
        }

        answer = flavor.Dress(answer);
        Tell(MetadataRequest.Of(context), outcome with { Waited = true }, answer, start, context);
        await _writer.WriteAsync(context, answer);
    }

    private Reply Ask(in MetadataRequest request)
    {
        var reply = endpoint.Ask(request);
        return reply.Answer.Page is null ? reply : reply with { Answer = flavor.Dress(reply.Answer) };
    }

    private void Tell(in MetadataRequest request, in RequestOutcome outcome, in Answer answer, long start, HttpContext? context)
    {
        var answered = new AnsweredRequest
        {
            Request = request,
            Outcome = outcome,
            Answer = answer,
            Elapsed = Stopwatch.GetElapsedTime(start),
            Context = context,
        };
        foreach (var observer in observers)
        {
            observer.Answered(answered);
        }
    }
}
