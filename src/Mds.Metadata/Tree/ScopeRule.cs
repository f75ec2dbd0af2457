namespace Mds.Metadata;

/// <summary>What the scopes that a request for an access token names count for.</summary>
public enum ScopeRule
{
    /// <summary>
    /// The token has the scopes of the account, whatever the request names, unless the request says
    /// <c>enforce_scopes=true</c> (docs: querying-metadata).
    /// </summary>
    AccountUnlessEnforced,

    /// <summary>
    /// The token has the scopes that the request names, which must be among the account's: what the attribute
    /// <c>enable-access-token-enforce-scopes</c> makes of a machine (docs: querying-metadata).
    /// </summary>
    Enforced,

    /// <summary>
    /// The token has the scopes that the request names. So it is on Cloud Run (google-auth-library-python#333) and GKE, and where
    /// the claims give the account an empty list of scopes.
    /// </summary>
    Any,
}
