using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Conformance.Tests;

/// <summary>A signed token, read by somebody who does not ask whether the signature is right.</summary>
internal static class UnverifiedToken
{
    public static JsonNode Payload(string token)
    {
        var payload = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        return JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '='))))!;
    }
}
