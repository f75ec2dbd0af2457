namespace Mds.Server.Protocol;

/// <summary>Looks on at every request on the metadata listeners, whichever way it came: metrics, logs, lists.</summary>
internal interface IRequestObserver
{
    /// <summary>
    /// Whether requests may take the fast lane at this moment. Whoever needs <see cref="AnsweredRequest.Context"/> says
    /// no for as long as that is so.
    /// </summary>
    bool AllowsFastLane { get; }

    /// <summary>Told of each request when its answer is known, on the thread that answers: should take no time and no memory.</summary>
    /// <param name="request">The request.</param>
    void Answered(in AnsweredRequest request);
}
