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
}
