namespace Mds.Credentials;

/// <summary>How a call to the issuer ended: with a token, or with a failure that each waiter gets its own copy of.</summary>
internal sealed class CallOutcome<TToken>
    where TToken : class
{
    public CallOutcome(TToken token) => Token = token;

    public CallOutcome(TokenSourceException failure, bool isFirst)
    {
        Failure = failure;
        IsFirstFailure = isFirst;
    }

    public TToken? Token { get; }

    public TokenSourceException? Failure { get; }

    public TokenSourceFault? Fault => Failure?.Fault;

    public string? Message => Failure?.Message;

    /// <summary>Whether the call before, for the same thing, did not fail too.</summary>
    public bool IsFirstFailure { get; }

    /// <summary>Returns the token or throws; a fresh exception each time, since many threads may throw at once.</summary>
    public TToken Unwrap() =>
        Token ?? throw new TokenSourceException(Failure!.Fault, Failure.Message, Failure.InnerException);
}
