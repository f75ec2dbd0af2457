namespace Mds.Credentials;

/// <summary>
/// Where Google's token services are, for those who reach them by other addresses than the public ones: Private Service
/// Connect, or a stand-in. What is <see langword="null"/> is where Google has it.
/// </summary>
/// <param name="OAuth2">In place of <c>https://oauth2.googleapis.com</c>.</param>
/// <param name="Sts">In place of <c>https://sts.googleapis.com</c>.</param>
/// <param name="IamCredentials">In place of <c>https://iamcredentials.googleapis.com</c>.</param>
public sealed record GoogleEndpoints(Uri? OAuth2 = null, Uri? Sts = null, Uri? IamCredentials = null)
{
    /// <summary>The universe of Google's public cloud.</summary>
    public const string DefaultUniverse = "googleapis.com";

    /// <summary>The universe of those who do not say of which they are.</summary>
    public string Universe { get; init; } = DefaultUniverse;

    /// <summary>The OAuth 2.0 token endpoint, where assertions and refresh tokens are exchanged.</summary>
    /// <param name="universe">The universe domain; <see langword="null"/> for <see cref="Universe"/>.</param>
    public Uri Token(string? universe) => At(OAuth2, "oauth2", universe, "token");

    /// <summary>The Security Token Service's exchange of federated tokens.</summary>
    /// <param name="universe">The universe domain; <see langword="null"/> for <see cref="Universe"/>.</param>
    public Uri StsToken(string? universe) => At(Sts, "sts", universe, "v1/token");

    /// <summary>A method of the IAM Service Account Credentials API.</summary>
    /// <param name="universe">The universe domain; <see langword="null"/> for <see cref="Universe"/>.</param>
    /// <param name="account">The service account's e-mail address.</param>
    /// <param name="method">The method: <c>generateAccessToken</c>, <c>generateIdToken</c>.</param>
    public Uri ServiceAccount(string? universe, string account, string method) =>
        At(IamCredentials, "iamcredentials", universe, $"v1/projects/-/serviceAccounts/{Uri.EscapeDataString(account)}:{method}");

    /// <summary>
    /// An address that a credential file names: where it is one of Google's and something stands in for that, the same
    /// path there.
    /// </summary>
    /// <param name="named">The address in the file.</param>
    public Uri Resolve(Uri named)
    {
        ArgumentNullException.ThrowIfNull(named);
        var instead = named.Host.Split('.') switch
        {
            ["oauth2", _, _, ..] => OAuth2,
            ["sts", _, _, ..] => Sts,
            ["iamcredentials", _, _, ..] => IamCredentials,
            _ => null,
        };
        return instead is null ? named : new Uri(instead.AbsoluteUri.TrimEnd('/') + named.PathAndQuery);
    }

    private Uri At(Uri? instead, string service, string? universe, string path) =>
        instead is null
            ? new Uri($"https://{service}.{(string.IsNullOrEmpty(universe) ? Universe : universe)}/{path}")
            : new Uri($"{instead.AbsoluteUri.TrimEnd('/')}/{path}");
}
