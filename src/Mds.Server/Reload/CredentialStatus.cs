using System.Text.Json.Serialization;
using Mds.Credentials;

namespace Mds.Server.Reload;

/// <summary>How one account's credential stands. Nothing in it is secret.</summary>
/// <param name="Account">The account as the settings name it.</param>
/// <param name="Kind">The kind of credential, in the custom resource's word.</param>
/// <param name="Principal">Whom its tokens stand for.</param>
/// <param name="State"><c>Valid</c>, <c>Failed</c> or <c>Unknown</c>.</param>
/// <param name="Fault">What kind of failure it is.</param>
/// <param name="Message">The failure as a sentence.</param>
/// <param name="ExpiresAt">When the access token held expires.</param>
/// <param name="KeyFingerprint">The SHA-256 of the public key in lower-case hexadecimal, where the credential is a key that others know by it.</param>
internal sealed record CredentialStatus(
    string Account,
    string Kind,
    string? Principal,
    string State,
    TokenSourceFault? Fault,
    string? Message,
    DateTimeOffset? ExpiresAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? KeyFingerprint = null);
