using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>Tokens of a service account by the word of another credential.</summary>
/// <param name="Account">The account.</param>
/// <param name="Target">
/// Whose tokens; <see langword="null"/> for whom the claims name, as the reference emulator does.
/// </param>
/// <param name="SourceFile">The credential file that speaks for it; <see langword="null"/> for the metadata server of the machine.</param>
internal sealed record ImpersonationSettings(string Account, string? Target, string? SourceFile) : CredentialSettings(Account)
{
    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new(
        "impersonation",
        [
            new("targetPrincipal", "impersonate"), new("delegates", "delegates", IsList: true),
            new("lifetimeSeconds", "lifetimeSeconds"), new("sourceFile"), new("allowExecutables"),
        ],
        Read)
    {
        Switch = "impersonate",
        Title = "impersonation",
    };

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <summary>The chain between the source and the target.</summary>
    public IReadOnlyList<string> Delegates { get; init; } = [];

    /// <summary>How long access tokens are to live.</summary>
    public TimeSpan Lifetime { get; init; } = ImpersonationTarget.DefaultLifetime;

    /// <summary>Whether the source's file may name a program to run.</summary>
    public bool AllowExecutables { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => SourceFile is null ? [] : [SourceFile];

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings)
    {
        var source = SourceFile is null
            ? new CredentialFile("metadata", Machine(surroundings), null)
            : CredentialFile.Parse(files.Bytes(SourceFile), SourceFile, surroundings.OfFile(AllowExecutables));
        return new LoadedCredential
        {
            Source = email => Of(Target ?? email),
            Description = Target is null ? null : Of(Target).Describe() with { UniverseDomain = source.UniverseDomain },
        };

        ITokenSource Of(string? target) => target is null
            ? new UnusableSource(new(Kind, null), new(
                TokenSourceFault.Unusable, "Nothing says which account to impersonate. Give its e-mail address (-impersonate EMAIL, targetPrincipal)."))
            : new ImpersonationSource(
                source.Source, new(target, Delegates, Lifetime), Endpoints(), source.UniverseDomain, surroundings.Time);

        // A file that names no universe is of Google's public cloud; a machine is where its claims say.
        GoogleEndpoints Endpoints() => SourceFile is null ? surroundings.EndpointsOfTheMachine : surroundings.Endpoints;
    }

    private static UpstreamSource Machine(CredentialSurroundings surroundings) => new(
        surroundings.Upstream(surroundings.Variables.GetValueOrDefault("GCE_METADATA_HOST") is { Length: > 0 } host ? host : UpstreamMetadata.DefaultAddress),
        DefaultAccount,
        surroundings.Time);

    private static ImpersonationSettings Read(CredentialSection section)
    {
        var target = section.Account.Contains('@', StringComparison.Ordinal) ? section.Account : null;
        if (section.Find("targetPrincipal") is { } given && !bool.TryParse(given.Text, out _))
        {
            target = section.Email(given);
        }

        return new(section.Account, target, section.Text("sourceFile") ?? ApplicationDefaultFile.Find(section.Variables))
        {
            Delegates = [.. section.List("delegates").Select(section.Email)],
            Lifetime = section.Seconds("lifetimeSeconds", ImpersonationTarget.DefaultLifetime, TimeSpan.FromHours(12)),
            AllowExecutables = section.Flag("allowExecutables", false),
        };
    }

    /// <inheritdoc/>
    public bool Equals(ImpersonationSettings? other) =>
        other is not null && Account == other.Account && Target == other.Target && SourceFile == other.SourceFile
        && Lifetime == other.Lifetime && AllowExecutables == other.AllowExecutables && Delegates.SequenceEqual(other.Delegates);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Account, Target, SourceFile);
}
