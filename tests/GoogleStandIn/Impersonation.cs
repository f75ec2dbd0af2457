using System.Globalization;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>Judges calls of the IAM Service Account Credentials API: who asks, for whom, and whether each may.</summary>
internal static class Impersonation
{
    private const int Hour = 3600;

    /// <param name="principal">Whom the bearer token stands for; <see langword="null"/> when it is nobody's.</param>
    /// <param name="target">The account in the path.</param>
    /// <param name="method"><c>generateAccessToken</c> or <c>generateIdToken</c>.</param>
    /// <param name="body">What was asked.</param>
    /// <param name="mayCreate">Whether the first may make tokens of the second.</param>
    /// <param name="exists">Whether an account exists.</param>
    public static TokenCall Judge(
        string? principal, string target, string method, JsonObject? body, Func<string, string, bool> mayCreate, Func<string, bool> exists)
    {
        var delegates = (body?["delegates"]?.AsArray() ?? []).Select(name => (string)name!).ToArray();
        var call = new TokenCall(
            method is "generateIdToken" ? "id_token" : "access_token",
            Issuer: principal,
            Target: target,
            Delegates: delegates.Length == 0 ? null : string.Join(',', delegates.Select(name => name.Split('/')[^1])));
        if (principal is null)
        {
            return call with
            {
                Outcome = "UNAUTHENTICATED",
                Description = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
            };
        }

        if (body is null || delegates.Any(name => !name.StartsWith("projects/-/serviceAccounts/", StringComparison.Ordinal)))
        {
            return call with { Outcome = "INVALID_ARGUMENT", Description = "Request contains an invalid argument." };
        }

        if (!exists(target))
        {
            return call with { Outcome = "NOT_FOUND", Description = $"Not found; Gaia id not found for email {target}" };
        }

        string[] chain = [principal, .. delegates.Select(name => name.Split('/')[^1]), target];
        if (chain.Zip(chain.Skip(1)).Any(pair => !mayCreate(pair.First, pair.Second)))
        {
            var permission = method is "generateIdToken" ? "getOpenIdToken" : "getAccessToken";
            return call with
            {
                Outcome = "PERMISSION_DENIED",
                Description = $"Permission 'iam.serviceAccounts.{permission}' denied on resource (or it may not exist).",
            };
        }

        return method is "generateIdToken" ? IdentityToken(call, body) : AccessToken(call, body);
    }

    private static TokenCall IdentityToken(TokenCall call, JsonObject body) =>
        (string?)body["audience"] is { Length: > 0 } audience && (bool?)body["includeEmail"] == true
            ? call with { TargetAudience = audience }
            : call with { Outcome = "INVALID_ARGUMENT", Description = "Request contains an invalid argument." };

    private static TokenCall AccessToken(TokenCall call, JsonObject body)
    {
        var scopes = (body["scope"]?.AsArray() ?? []).Select(scope => (string)scope!).ToArray();
        var lifetime = (string?)body["lifetime"] ?? "3600s";
        return scopes.Length == 0
            ? call with { Outcome = "INVALID_ARGUMENT", Description = "Invalid form of the scope argument." }
            : !lifetime.EndsWith('s') || !int.TryParse(lifetime[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? call with { Outcome = "INVALID_ARGUMENT", Description = "Invalid value at 'lifetime'." }
                : seconds > Hour
                    ? call with { Outcome = "INVALID_ARGUMENT", Description = "The access token lifetime cannot exceed 3600s for this account." }
                    : call with { Scope = string.Join(' ', scopes), Lifetime = seconds };
    }
}
