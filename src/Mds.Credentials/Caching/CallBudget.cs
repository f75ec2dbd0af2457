namespace Mds.Credentials;

/// <summary>
/// How often an issuer that fails is asked for one account: each thing wanted has a back-off of its own, but there may be
/// as many things as clients can think of audiences. While calls succeed there is no limit. The default token is asked
/// for without looking here, so that nothing keeps it from noticing that the issuer is back.
/// </summary>
internal sealed class CallBudget(TimeProvider time)
{
    /// <summary>The most calls within a minute while they fail.</summary>
    public const int PerMinute = 60;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<long> _begun = new(PerMinute);
    private TokenSourceException? _lastFailure;

    /// <summary>Takes one call from the budget.</summary>
    /// <returns><see langword="null"/> when it may be made, else what to tell instead.</returns>
    public TokenSourceException? Take()
    {
        lock (_gate)
        {
            if (_lastFailure is not { } failure)
            {
                return null;
            }

            if (_begun.Count == PerMinute)
            {
                if (time.GetElapsedTime(_begun.Peek()) < Window)
                {
                    return new(
                        failure.Fault,
                        $"The issuer was asked {PerMinute} times within a minute and went on failing, so it is left alone for a while. "
                        + $"Its last failure: {failure.Message}");
                }

                _begun.Dequeue();
            }

            _begun.Enqueue(time.GetTimestamp());
            return null;
        }
    }

    /// <summary>Notes how a call ended.</summary>
    /// <param name="failure">The failure; <see langword="null"/> for a token.</param>
    public void Note(TokenSourceException? failure)
    {
        lock (_gate)
        {
            _lastFailure = failure;
            if (failure is null)
            {
                _begun.Clear();
            }
        }
    }
}
