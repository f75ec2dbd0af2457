using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mds.Conformance.Tests;

/// <summary>What a client demands of an answer, as <c>.replay</c> files write it (<c>requests/README.md</c>).</summary>
internal static partial class Demand
{
    /// <summary>What every client relies on, and Google's own tests of real machines ask for.</summary>
    public static void AssertOfEveryAnswer(RawResponse answer)
    {
        Assert.Equal("Google", answer.Single("Metadata-Flavor"));
        Assert.DoesNotContain(answer.Headers, header =>
            header.Key is not ("Metadata-Flavor" or "Location") && header.Value.Contains("google", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Asserts one demand.</summary>
    /// <param name="demand">The line.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="connection">The connection that it came by.</param>
    public static async Task AssertAsync(string demand, RawResponse answer, RawConnection connection)
    {
        if (Status().IsMatch(demand))
        {
            Assert.Contains(answer.Status.ToString(), demand.Split(' '));
        }
        else if (demand == "closes")
        {
            Assert.True(await connection.IsClosedAsync());
        }
        else if (demand.StartsWith('!'))
        {
            Assert.False(answer.Has(demand[1..]), $"There is a header {demand[1..]}.");
        }
        else if (demand.StartsWith('='))
        {
            Assert.Equal(demand[1..].TrimStart(), answer.Body);
        }
        else if (demand.StartsWith("~ ", StringComparison.Ordinal))
        {
            Assert.Matches(demand[2..], answer.Body);
        }
        else if (demand.StartsWith(". ", StringComparison.Ordinal))
        {
            AssertJson(demand[2..], answer.Body);
        }
        else if (demand.StartsWith("jwt ", StringComparison.Ordinal))
        {
            AssertIdentityToken(demand[4..], answer.Body);
        }
        else
        {
            AssertHeader(demand, answer);
        }
    }

    private static void AssertHeader(string demand, RawResponse answer)
    {
        var parts = demand.Split(": ", 2);
        Assert.True(parts.Length == 2, $"'{demand}' is no demand.");
        var value = answer.Single(parts[0]);
        if (parts[1].StartsWith('~'))
        {
            Assert.Matches(parts[1][1..], value);
        }
        else
        {
            Assert.Equal(parts[1], value);
        }
    }

    private static void AssertJson(string demand, string body)
    {
        var words = demand.Split(' ', 3);
        JsonNode? node = JsonNode.Parse(body);
        foreach (var key in words[0].Split('.'))
        {
            node = node?[key];
        }

        Assert.True(node is not null, $"There is no {words[0]} in {body}");
        if (words[1] == "=")
        {
            Assert.Equal(words[2], node.ToJsonString(), ignoreAllWhiteSpace: true);
            return;
        }

        Assert.Equal(words[1], node.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Array => "array",
            JsonValueKind.Object => "object",
            JsonValueKind.Number when long.TryParse(node.ToJsonString(), out _) => "integer",
            var other => other.ToString(),
        });
    }

    private static void AssertIdentityToken(string audience, string body)
    {
        Assert.Matches("^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$", body);
        Assert.DoesNotContain('\n', body);
        var claims = UnverifiedToken.Payload(body);
        Assert.Equal(audience, (string?)claims["aud"]);
        var life = DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!) - DateTimeOffset.UtcNow;
        Assert.InRange(life, TimeSpan.FromMinutes(56), TimeSpan.FromMinutes(61));
    }

    [GeneratedRegex("^[1-5][0-9]{2}( [1-5][0-9]{2})*$")]
    private static partial Regex Status();
}
