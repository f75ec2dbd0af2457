namespace Mds.Credentials;

/// <summary>Why a token source could not answer.</summary>
public enum TokenSourceFault
{
    /// <summary>The issuer could not be reached, timed out or answered 5xx or 429: asking again later may help.</summary>
    Unavailable,

    /// <summary>The issuer refused this credential or this request: asking again changes nothing until something is mended.</summary>
    Rejected,

    /// <summary>The credential itself could not be loaded (missing file, not JSON, broken key).</summary>
    Unusable,

    /// <summary>
    /// The credential has no tokens of this kind and never will have: fixed tokens of which one was not given. Nothing is
    /// wrong with the account; this one thing is not there.
    /// </summary>
    NotOffered,

    /// <summary>
    /// The issuer has no such account or token at the moment: another metadata server whose account is not there yet, or no
    /// more. Clients are told that it is not there, and the issuer is asked again.
    /// </summary>
    Missing,
}
