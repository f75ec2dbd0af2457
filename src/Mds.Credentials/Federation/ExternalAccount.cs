namespace Mds.Credentials;

/// <summary>
/// A workload identity federation: whose tokens are exchanged, and for whose. What an <c>external_account</c> file says, or
/// what is made of a provider's name.
/// </summary>
/// <param name="Audience">The provider as STS names it: <c>//iam.googleapis.com/projects/…/providers/…</c>.</param>
/// <param name="SubjectTokenType">The type of the token that is exchanged.</param>
/// <param name="TokenUri">Where it is exchanged.</param>
/// <param name="SubjectTokens">Where it comes from.</param>
internal sealed record ExternalAccount(string Audience, string SubjectTokenType, Uri TokenUri, ISubjectTokens SubjectTokens)
{
    /// <summary>The type of tokens that a Kubernetes cluster or another OpenID Connect issuer gives.</summary>
    public const string JwtType = "urn:ietf:params:oauth:token-type:jwt";

    /// <summary>Where tokens of a service account are made; <see langword="null"/> to use those of the federated identity itself.</summary>
    public Uri? ImpersonationUri { get; init; }

    /// <summary>How long those are to live.</summary>
    public TimeSpan Lifetime { get; init; } = ImpersonationTarget.DefaultLifetime;

    /// <summary>The id of an OAuth client, which a workforce pool may ask for.</summary>
    public string? ClientId { get; init; }

    /// <summary>Its secret.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The project that pays for calls of a workforce identity that has no client.</summary>
    public string? UserProject { get; init; }

    /// <summary>The source of tokens.</summary>
    public ITokenSource MakeSource(SourceSurroundings surroundings)
    {
        var federated = new FederatedSource(this, surroundings.Time);
        return ImpersonationUri is null
            ? federated
            : new ImpersonationSource(
                federated,
                new ImpersonationTarget(CredentialFile.AccountOf(ImpersonationUri)!, [], Lifetime),
                FederatedSource.Kind,
                "roles/iam.workloadIdentityUser",
                $"'{Member}'",
                method => new Uri(ImpersonationUri.AbsoluteUri.Replace("generateAccessToken", method, StringComparison.Ordinal)),
                surroundings.Time);
    }

    /// <summary>Names the provider only: a client's secret does not belong in logs.</summary>
    public override string ToString() => $"federation of {Audience}";

    // What a subject of the pool is called in IAM; which subject, only the provider's mapping says.
    private string Member => Audience.IndexOf("/providers/", StringComparison.Ordinal) is var end and > 0
        ? $"principal:{Audience[..end]}/subject/SUBJECT"
        : "principal://…/subject/SUBJECT";
}
