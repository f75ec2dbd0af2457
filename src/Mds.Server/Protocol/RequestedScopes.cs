using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>The scopes that a request for an access token gets, or why it gets none.</summary>
/// <param name="Scopes">
/// The scopes. None means the token that the cache keeps warm, which is for the scopes of the account; so does naming
/// just those, as google-auth-library-python does from 2.48 on.
/// </param>
/// <param name="Refusal">What is wrong with the request, as a sentence.</param>
internal readonly record struct RequestedScopes(string[] Scopes, string? Refusal = null)
{
    // It holds the scopes of every API of Google Cloud, which nobody can list; whoever makes the token judges.
    private const string CloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

    private static readonly char[] Separators = [',', ' ', '\t', '\r', '\n'];

    private const string SwitchedOff = "enforce_scopes cannot be switched off. Leave it out.";

    /// <summary>Decides as a Compute Engine server does (docs: querying-metadata).</summary>
    /// <param name="query">The query.</param>
    /// <param name="account">The account.</param>
    public static RequestedScopes Of(in RequestQuery query, MetadataAccount account)
    {
        var enforced = query.Switch("enforce_scopes");
        if (enforced == false)
        {
            return new([], SwitchedOff);
        }

        if (query.Raw("scopes").IsEmpty || (account.ScopeRule == ScopeRule.AccountUnlessEnforced && enforced is null))
        {
            return new([]);
        }

        return Named(query.Text("scopes"), account);
    }

    // Apart, so that what it captures costs nothing where no scopes are named.
    private static RequestedScopes Named(string text, MetadataAccount account)
    {
        // Spaces stand between scopes in OAuth; no scope has one (RFC 6749, 3.3).
        var scopes = text.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var mayNameAny = account.ScopeRule == ScopeRule.Any || account.Scopes.Contains(CloudPlatform);
        var unknown = mayNameAny ? null : Array.Find(scopes, scope => !account.Scopes.Contains(scope));
        return unknown is not null ? new([], $"The scope {unknown} is not one of the account's scopes.")
            : scopes.ToHashSet(StringComparer.Ordinal).SetEquals(account.Scopes) ? new([])
            : new(scopes);
    }
}
