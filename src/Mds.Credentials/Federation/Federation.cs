namespace Mds.Credentials;

/// <summary>Makes the token sources of workload identity federation.</summary>
public static class Federation
{
    /// <summary>Reads an <c>external_account</c> file.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="source">What to call it in error messages: its path.</param>
    /// <param name="surroundings">What the credential stands in.</param>
    /// <exception cref="TokenSourceException">It is none that can be used; the message says why, and never quotes it.</exception>
    public static ITokenSource FromFile(ReadOnlyMemory<byte> utf8, string source, SourceSurroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(surroundings);
        return CredentialJson.Read(utf8, source, "a workload identity federation configuration", file =>
        {
            var type = file.Text("type");
            return type is CredentialFile.ExternalAccountType
                ? ExternalAccountFile.Read(file, surroundings).MakeSource(surroundings)
                : throw CredentialJson.Unusable(
                    $"{source} is {CredentialFile.NameOfType(type, file)}, not a workload identity federation configuration "
                    + $"(\"type\": \"{CredentialFile.ExternalAccountType}\"); make one with: gcloud iam workload-identity-pools create-cred-config.");
        });
    }

    /// <summary>Federation by a provider of OpenID Connect tokens and the file that holds one.</summary>
    /// <param name="provider">The provider's full name, <c>projects/…/providers/…</c>.</param>
    /// <param name="tokenFile">The file of the token; it is read for each exchange.</param>
    /// <param name="impersonate">The service account to impersonate; <see langword="null"/> to use the federated identity itself.</param>
    /// <param name="surroundings">What the credential stands in.</param>
    public static ITokenSource FromProvider(
        string provider, string tokenFile, string? impersonate, SourceSurroundings surroundings)
    {
        ArgumentException.ThrowIfNullOrEmpty(provider);
        ArgumentException.ThrowIfNullOrEmpty(tokenFile);
        ArgumentNullException.ThrowIfNull(surroundings);
        var account = new ExternalAccount(
            $"//iam.googleapis.com/{provider}",
            ExternalAccount.JwtType,
            surroundings.Endpoints.StsToken(null),
            new FileSubjectTokens(tokenFile, new(null)))
        {
            ImpersonationUri = impersonate is null ? null : surroundings.Endpoints.ServiceAccount(null, impersonate, "generateAccessToken"),
        };
        return account.MakeSource(surroundings);
    }
}
