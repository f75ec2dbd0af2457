using System.Text.RegularExpressions;
using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>
/// Workload identity federation: by a configuration file of Google's form, or by a provider's name and the file of the
/// token that it trusts.
/// </summary>
/// <param name="Account">The account.</param>
internal sealed partial record WorkloadIdentitySettings(string Account) : CredentialSettings(Account)
{
    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new(
        "workloadIdentity",
        [
            new("file", "federate"), new("allowExecutables", "allowExecutables"),
            new("provider"), new("impersonate"), new("tokenFile"),
        ],
        Read)
    {
        Switch = "federate",
        Title = "federation",
    };

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <summary>The configuration file; <see langword="null"/> where <see cref="Provider"/> is given instead.</summary>
    public string? File { get; init; }

    /// <summary>Whether the file may name a program to run.</summary>
    public bool AllowExecutables { get; init; }

    /// <summary>The provider: <c>projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER</c>.</summary>
    public string? Provider { get; init; }

    /// <summary>The service account to impersonate; <see langword="null"/> to use the federated identity itself.</summary>
    public string? Impersonate { get; init; }

    /// <summary>The file of the token that is exchanged; it is read for each exchange, since others replace it.</summary>
    public string? TokenFile { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => File is null ? [] : [File];

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings)
    {
        var around = surroundings.OfFile(AllowExecutables);
        if (File is null)
        {
            return new LoadedCredential
            {
                Source = _ => FromProvider(around with { Endpoints = surroundings.EndpointsOfTheMachine }),
                Description = Known(FromProvider(around)),
            };
        }

        var source = Federation.FromFile(files.Bytes(File), File, around);
        return new LoadedCredential { Source = _ => source, Description = Known(source) };

        ITokenSource FromProvider(SourceSurroundings endpoints) =>
            Federation.FromProvider(Provider!, TokenFile!, Impersonate, endpoints);

        static TokenSourceDescription? Known(ITokenSource source) =>
            source.Describe() is { Principal: not null } description ? description : null;
    }

    private static WorkloadIdentitySettings? Read(CredentialSection section)
    {
        if (section.Text("provider") is { } provider)
        {
            if (section.Find("file") is { } both)
            {
                section.Error($"{both.Origin} and provider exclude each other. Give one of them.");
            }

            if (!ProviderName().IsMatch(provider))
            {
                section.Error($"{section.Find("provider")!.Value.Origin}: \"{provider}\" is not a provider. Give its full name, "
                    + "projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.");
            }

            return section.Required("tokenFile", "Give the path of the token that the provider trusts.") is { } tokenFile
                ? new(section.Account)
                {
                    Provider = provider,
                    TokenFile = tokenFile,
                    Impersonate = section.Find("impersonate") is { } account ? section.Email(account) : null,
                }
                : null;
        }

        var named = section.Find("file") is { } given && !bool.TryParse(given.Text, out _) ? given.Text : null;
        var file = named ?? (section.IsOfSwitches ? ApplicationDefaultFile.Find(section.Variables) : null);
        if (file is null)
        {
            section.Error(section.IsOfSwitches
                ? $"{section.Origin} lacks a configuration. Give -federate FILE, or set GOOGLE_APPLICATION_CREDENTIALS."
                : $"{section.Origin} lacks file. Give the path of an external_account file, or provider and tokenFile.");
            return null;
        }

        foreach (var ofProvider in new[] { "impersonate", "tokenFile" })
        {
            if (section.Find(ofProvider) is { } both)
            {
                section.Error($"{both.Origin} goes with provider; a configuration file says it itself. Leave it out.");
            }
        }

        return new(section.Account) { File = file, AllowExecutables = section.Flag("allowExecutables", false) };
    }

    // Workload identity pools are of a project, workforce pools of an organization.
    [GeneratedRegex("^(projects/[0-9]+/)?locations/global/(workloadIdentityPools|workforcePools)/[a-z0-9-]+/providers/[a-z0-9-]+$")]
    private static partial Regex ProviderName();
}
