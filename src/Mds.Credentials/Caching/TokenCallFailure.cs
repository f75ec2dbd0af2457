namespace Mds.Credentials;

/// <summary>A call to the issuer that failed without the account's credential being to blame, as far as is known.</summary>
/// <param name="Wanted">What was asked for, in words: the scopes or the audience.</param>
/// <param name="Fault">What kind of failure it was.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record TokenCallFailure(string Wanted, TokenSourceFault Fault, string Message);
