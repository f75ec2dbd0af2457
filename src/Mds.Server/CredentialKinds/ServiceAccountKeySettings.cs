using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>A service account's JSON key file.</summary>
/// <param name="Account">The account.</param>
/// <param name="KeyFile">Where the key file is.</param>
/// <param name="UseOauthToken">Whether access tokens are asked of Google; otherwise they are signed here with the key.</param>
internal sealed record ServiceAccountKeySettings(string Account, string KeyFile, bool UseOauthToken = true) : CredentialSettings(Account)
{
    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new(
        "serviceAccountKey", [new("file", "serviceAccountFile"), new("useOauthToken", "useOauthToken")], Read)
    {
        Switch = "serviceAccountFile",
        Title = "a service account key",
    };

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => [KeyFile];

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings)
    {
        var key = ServiceAccountKey.Parse(files.Bytes(KeyFile), KeyFile);
        return new LoadedCredential
        {
            Source = _ => new ServiceAccountKeySource(key, surroundings.Time, UseOauthToken, surroundings.Endpoints),
            Description = new(Kind, key.ClientEmail, key.ProjectId, key.UniverseDomain),
            KeyFingerprint = () => key.Fingerprint,
        };
    }

    private static ServiceAccountKeySettings? Read(CredentialSection section) =>
        section.Required("file", "Give the path of the JSON key file.") is { } file
            ? new ServiceAccountKeySettings(section.Account, file, section.Flag("useOauthToken", true))
            : null;
}
