using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>A kind of credential, as the resource has it.</summary>
/// <param name="Field">The field of a credential that is of this kind.</param>
/// <param name="Schema">That field's schema; told whether the API server checks rules of the Common Expression Language.</param>
/// <param name="Read">Reads the credential of an account from that field.</param>
internal sealed record CredentialKind(
    string Field, Func<bool, JsonObject> Schema, Func<string, SpecReader, EmulatorCredential> Read)
{
    /// <summary>All kinds, in the order that the resource has them in.</summary>
    public static IReadOnlyList<CredentialKind> All { get; } =
    [
        ServiceAccountKeyCredential.Kind,
        ImpersonationCredential.Kind,
        WorkloadIdentityCredential.Kind,
        TpmCredential.Kind,
        StaticCredential.Kind,
        LocalCredential.Kind,
        UpstreamCredential.Kind,
    ];
}
