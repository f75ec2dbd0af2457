namespace Mds.Server.Protocol;

/// <summary>A request and what became of it, for those who look on. It lives as long as the call that passes it.</summary>
internal readonly ref struct AnsweredRequest
{
    /// <summary>The request.</summary>
    public required MetadataRequest Request { get; init; }

    /// <summary>What metrics and logs call it.</summary>
    public required RequestOutcome Outcome { get; init; }

    /// <summary>The answer. It may hold a token.</summary>
    public required Answer Answer { get; init; }

    /// <summary>The status of the answer.</summary>
    public int Status => Answer.Status;

    /// <summary>The length of the answer's body.</summary>
    public long Bytes => Answer.Body.Length;

    /// <summary>How long it took to find the answer.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Everything else about the request; <see langword="null"/> on the fast lane, which does not look at more.</summary>
    public required HttpContext? Context { get; init; }
}
