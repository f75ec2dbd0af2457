using System.Collections.Immutable;

namespace Mds.Metadata;

/// <summary>
/// The object <c>serviceAccounts</c>: every account stands under its e-mail, and the machine's own account a second
/// time as <c>default</c> with the same content (real listings, 2019 to 2026).
/// </summary>
internal static class ServiceAccounts
{
    public const string Default = "default";

    /// <summary>The scope that Compute Engine recommends and gives when a machine is made with full access.</summary>
    private const string CloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

    /// <summary>
    /// Adds what a short document leaves out: the twin of <c>default</c> or of its e-mail, e-mails, aliases and scopes.
    /// </summary>
    public static ClaimValue Complete(ClaimValue accounts)
    {
        accounts = ClaimValue.Object([.. accounts.Members.Select(Addressed)], accounts.Offset);
        var account = accounts.Find(Default);
        if (account is null || Email(account) is null)
        {
            var own = Own(accounts);
            account = account is null ? own : own is null ? account : account.With("email", own.Find("email")!);
        }

        if (account is not null)
        {
            accounts = accounts.With(Default, account);
            if (Email(account) is { } email && accounts.Find(email) is null)
            {
                accounts = accounts.With(email, account);
            }
        }

        var twin = account is null ? null : Email(account);
        return ClaimValue.Object(
            [.. accounts.Members.Select(m => m with { Value = Filled(m.Value, m.Name == Default || m.Name == twin) })],
            accounts.Offset);
    }

    /// <summary>The e-mail of an account; <see langword="null"/> when there is no such account or it has none.</summary>
    public static string? FindEmail(ClaimValue accounts, string account) =>
        accounts.Find(account) is { } found ? Email(found) : null;

    /// <summary>
    /// The name under which the account <c>default</c> stands a second time; <see langword="null"/> when it does not, or
    /// with other content.
    /// </summary>
    public static string? FindTwin(ClaimValue accounts) =>
        FindEmail(accounts, Default) is { } email && accounts.Find(email) is { } twin && twin.IsSameAs(accounts.Find(Default)!)
            ? email
            : null;

    /// <summary>Gives an account another e-mail, in both places where it stands; adds the account when there is none.</summary>
    public static ClaimValue WithEmail(ClaimValue accounts, string account, string email)
    {
        var before = FindEmail(accounts, account);
        var isDefault = account == Default || (before is not null && before == FindEmail(accounts, Default));
        var content = (accounts.Find(account) ?? ClaimValue.Object([])).With("email", ClaimValue.String(email));
        if (before is not null && before != email)
        {
            accounts = accounts.Without(before);
        }

        accounts = accounts.With(email, content);
        return Complete(isDefault ? accounts.With(Default, content) : accounts);
    }

    /// <summary>The account that says it is the default one, else the only one there is.</summary>
    private static ClaimValue? Own(ClaimValue accounts)
    {
        var named = accounts.Members.Where(m => m.Name != Default).Select(m => m.Value).ToImmutableArray();
        return named.FirstOrDefault(value => value.Find("aliases")?.Items.Any(item => item.Text == Default) == true)
            ?? (named.Length == 1 ? named[0] : null);
    }

    /// <summary>An account whose e-mail is its name, unless it says another.</summary>
    private static ClaimMember Addressed(ClaimMember account) =>
        account.Name == Default || Email(account.Value) is not null
            ? account
            : account with { Value = account.Value.With("email", ClaimValue.String(account.Name)) };

    private static string? Email(ClaimValue account) => account.Find("email") is { Text.Length: > 0 } email ? email.Text : null;

    private static ClaimValue Filled(ClaimValue account, bool isDefault)
    {
        if (account.Find("aliases") is null)
        {
            account = account.With("aliases", ClaimValue.Array(isDefault ? [ClaimValue.String(Default)] : []));
        }

        return account.Find("scopes") is null
            ? account.With("scopes", ClaimValue.Array([ClaimValue.String(CloudPlatform)]))
            : account;
    }
}
