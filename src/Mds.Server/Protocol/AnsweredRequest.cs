namespace Mds.Server.Protocol;

/// <summary>A request and what became of it, for those who look on. It lives as long as the call that passes it.</summary>
internal readonly ref struct AnsweredRequest
{
    /// <summary>The request.</summary>
    public required MetadataRequest Request { get; init; }

    /// <summary>What metrics and logs call it.</summary>
    public required RequestOutcome Outcome { get; init; }

    /// <summary>The status of the answer.</summary>
    public required int Status { get; init; }

    /// <summary>The length of the answer's body.</summary>
    public required long Bytes { get; init; }

    /// <summary>How long it took to find the answer.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Everything else about the request; <see langword="null"/> on the fast lane, which does not look at more.</summary>
    public required HttpContext? Context { get; init; }
}
