using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;

namespace Mds.Server.Reload;

/// <summary>
/// The credentials of the settings, and the token caches made of them for the accounts that the claims name. One thread at a
/// time: <see cref="LiveState"/> sees to that.
/// </summary>
/// <param name="settings">The settings.</param>
/// <param name="surroundings">What the credentials stand in.</param>
/// <param name="metadata">The claims that are served.</param>
/// <param name="logger">Takes the log lines.</param>
internal sealed partial class LiveCredentials(
    ServerSettings settings, CredentialSurroundings surroundings, MetadataStore metadata, ILogger logger) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The token caches in use, which any thread may ask.</summary>
    public CredentialStore Caches { get; } = new(CredentialSet.Empty);

    /// <summary>The credentials of the settings.</summary>
    public IReadOnlyList<AccountCredential> Accounts { get; } =
    [
        .. settings.Credentials.Select(credential =>
            new AccountCredential(credential, CredentialFiles.Read(credential.Files), surroundings)),
    ];

    /// <summary>Why one of the accounts tries nothing more until its settings or files change; <see langword="null"/> when all do.</summary>
    public string? Refusal => Accounts
        .Select(account => account.Refusal is { } reason
            ? $"The credential of the account \"{account.Settings.Account}\" has been stopped. {reason}"
            : null)
        .FirstOrDefault(reason => reason is not null);

    /// <summary>Whether no account tries anything any more.</summary>
    public bool IsEveryAccountRefused => Accounts.Count > 0 && Accounts.All(account => account.Refusal is not null);

    /// <summary>An account whose first call, which is under way, may be its last one: <see cref="Refusal"/>.</summary>
    public string? AccountToBeTried => settings.Prefetch is Prefetch.Off
        ? null
        : Accounts.FirstOrDefault(account =>
            account.CanBeRefused && account.Prefetch && account.Cache!.State.Health is TokenCacheHealth.Unknown)?.Settings.Account;

    /// <summary>The local issuers whose keys are published.</summary>
    public IReadOnlyList<LocalIssuer> Issuers => [.. Accounts.Select(account => account.Issuer).OfType<LocalIssuer>()];

    /// <summary>An account that should have an access token and has none; <see langword="null"/> when there is no such.</summary>
    public string? AccountWithoutToken =>
        Accounts.FirstOrDefault(account => account.WantsToken && account.Cache!.State.ExpiresAt is null)?.Settings.Account;

    /// <summary>How each stands.</summary>
    public IEnumerable<CredentialStatus> Statuses => Accounts.Select(StatusOf);

    /// <summary>Makes the caches for the accounts as the claims name them now. Those made of the same things as before are taken over.</summary>
    public void Serve()
    {
        var caches = new List<TokenCache>();
        foreach (var account in Accounts)
        {
            var name = account.Settings.Account;
            var node = metadata.Current.Find($"/computeMetadata/v1/instance/service-accounts/{name}/token");
            var email = metadata.Current.Claims.FindAccountEmail(name);
            var (cache, isNew) = account.Refresh(email, node?.Account?.Scopes ?? []);
            caches.Add(cache);
            if (isNew)
            {
                Begin(account, cache, email);
            }
        }

        Caches.Replace(new CredentialSet(caches));
        foreach (var account in Accounts)
        {
            account.LetGo();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        Caches.Dispose();
        foreach (var account in Accounts)
        {
            account.Dispose();
        }

        _stop.Dispose();
    }

    private void Begin(AccountCredential account, TokenCache cache, string? email)
    {
        cache.StateChanged += (_, change) =>
        {
            if (change.Current.Health == TokenCacheHealth.Failed)
            {
                Log.TokenFailed(logger, cache.Account, change.Current.Message ?? "");
            }
            else if (change.Previous.Health == TokenCacheHealth.Failed)
            {
                Log.TokenRecovered(logger, cache.Account);
            }
        };
        cache.CallFailed += (_, failure) => Log.CallFailed(logger, cache.Account, failure.Wanted, failure.Message);
        if (email is not null && cache.Description.Principal is { } principal && principal != email)
        {
            Log.PrincipalDiffers(logger, account.Settings.Account, email, principal);
        }

        var universe = metadata.Current.Claims.UniverseDomain;
        if (account.Description?.UniverseDomain is { Length: > 0 } own && own != universe)
        {
            Log.UniverseDiffers(logger, account.Settings.Account, universe, own);
        }

        if (settings.Prefetch != Prefetch.Off && account.Prefetch)
        {
            _ = cache.PrefetchAsync(_stop.Token);
        }
    }

    private static CredentialStatus StatusOf(AccountCredential account)
    {
        var cache = account.Cache!;
        var state = cache.State;
        var status = new CredentialStatus(
            cache.Account, account.Settings.Kind, cache.Description.Principal, state.Health.ToString(), state.Fault, state.Message,
            state.ExpiresAt, account.KeyFingerprint);
        return account.Problem is { } problem
            ? status with { State = nameof(TokenCacheHealth.Failed), Fault = problem.Fault, Message = problem.Message }
            : account.Refusal is { } refusal
            // It speaks for the account even while a token from before is still served.
            ? status with { State = nameof(TokenCacheHealth.Failed), Fault = TokenSourceFault.Unusable, Message = refusal }
            : status;
    }
}
