namespace Mds.Operator.Emulators;

/// <summary>What a server says of one account's credential.</summary>
/// <param name="Account">The account.</param>
/// <param name="Principal">Whom its tokens speak for, when known.</param>
/// <param name="State"><c>Valid</c>, <c>Failed</c> or <c>Unknown</c>.</param>
/// <param name="Fault">When failed: <c>Unavailable</c>, <c>Rejected</c>, <c>Unusable</c> or <c>Missing</c>.</param>
/// <param name="Message">When failed: why, as a sentence.</param>
/// <param name="KeyFingerprint">The SHA-256 of its public key in hexadecimal, when it is a key and known.</param>
internal sealed record CredentialReport(
    string Account, string? Principal, string State, string? Fault, string? Message, string? KeyFingerprint)
{
    /// <summary>What this says about the credential; the later in the table, the worse.</summary>
    public Reason Reason => (State, Fault) switch
    {
        ("Valid", _) => Reasons.CredentialsAccepted,
        ("Failed", "Rejected") => Reasons.CredentialsRejected,
        ("Failed", "Unusable") => Reasons.CredentialsUnusable,
        ("Failed", "Missing") => Reasons.AccountMissing,
        ("Failed", _) => Reasons.IssuerUnavailable,
        _ => Reasons.CredentialsUntried,
    };
}
