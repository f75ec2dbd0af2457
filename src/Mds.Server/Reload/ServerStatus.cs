using System.Text.Json.Serialization;
using Mds.Server.Listeners;

namespace Mds.Server.Reload;

/// <summary>How the server stands; what <c>/status</c> answers and the operator reads.</summary>
/// <param name="Version">The server's version.</param>
/// <param name="Claims">How the claims document stands.</param>
/// <param name="Credentials">How each account's credential stands, in the order of the settings.</param>
internal sealed record ServerStatus(string Version, ClaimsStatus Claims, IReadOnlyList<CredentialStatus> Credentials)
{
    /// <summary>How the certificates of TLS listeners stand; left out where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CertificateStatus>? Certificates { get; init; }
}
