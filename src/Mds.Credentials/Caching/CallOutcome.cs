namespace Mds.Credentials;

/// <summary>How a call to the issuer ended: with a token, or with a failure that each waiter gets its own copy of.</summary>
internal sealed class CallOutcome<TToken>
    where TToken : class
{
    private readonly TokenSourceException? _failure;

    public CallOutcome(TToken token) => Token = token;

    public CallOutcome(TokenSourceException failure, bool isFirst)
    {
        _failure = failure;
        IsFirstFailure = isFirst;
    }

    public TToken? Token { get; }

    public TokenSourceFault? Fault => _failure?.Fault;

    public string? Message => _failure?.Message;

    /// <summary>Whether the call before, for the same thing, did not fail too.</summary>
    public bool IsFirstFailure { get; }

    /// <summary>Returns the token or throws; a fresh exception each time, since many threads may throw at once.</summary>
    public TToken Unwrap() =>
        Token ?? throw new TokenSourceException(_failure!.Fault, _failure.Message, _failure.InnerException);
}
