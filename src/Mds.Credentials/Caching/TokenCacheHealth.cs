namespace Mds.Credentials;

/// <summary>Whether an account's credential works, as far as is known.</summary>
public enum TokenCacheHealth
{
    /// <summary>No call to the issuer has ended yet.</summary>
    Unknown,

    /// <summary>The last call succeeded.</summary>
    Valid,

    /// <summary>The last call failed; a token obtained before may still be served.</summary>
    Failed,
}
