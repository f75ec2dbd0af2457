using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Cluster.Tests.Pods;

/// <summary>What the Python client in a pod got; printed by tests/cluster/images/python-client/client.py.</summary>
public sealed record ClientReport(
    string Credentials,
    string? Project,
    string? Account,
    int AccessTokenLength,
    DateTimeOffset AccessTokenExpiry,
    JsonObject IdentityTokenHeader,
    JsonObject IdentityTokenClaims)
{
    private static readonly JsonSerializerOptions AsPrinted = new(JsonSerializerDefaults.Web);

    public static ClientReport Parse(string log) => JsonSerializer.Deserialize<ClientReport>(log, AsPrinted)!;
}
