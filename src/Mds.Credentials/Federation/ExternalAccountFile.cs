namespace Mds.Credentials;

/// <summary>
/// The JSON form of an <see cref="ExternalAccount"/>, as <c>gcloud iam workload-identity-pools create-cred-config</c> writes
/// it (AIP-4117): what must be in it, and a sentence for each way it can be wrong.
/// </summary>
internal static class ExternalAccountFile
{
    // The bounds of this file's numbers are google-auth's (external_account.py, pluggable.py).
    private static readonly TimeSpan DefaultExecutableLimit = TimeSpan.FromSeconds(30);

    /// <summary>Reads what is known to be an <c>external_account</c> file.</summary>
    public static ExternalAccount Read(CredentialJson file, SourceSurroundings surroundings)
    {
        var audience = file.Required("audience");
        var tokenType = file.Required("subject_token_type");
        var impersonation = file.Address("service_account_impersonation_url");
        var account = impersonation is null ? null : CredentialFile.AccountOf(impersonation)
            ?? throw CredentialJson.Unusable(
                $"{file.Place("service_account_impersonation_url")} does not name a service account and generateAccessToken.");
        var source = file.Object("credential_source")
            ?? throw CredentialJson.Unusable($"{file.Place("credential_source")} is missing; make the file again with gcloud.");
        return new(
            audience,
            tokenType,
            file.Address("token_url") is { } address
                ? surroundings.Endpoints.Resolve(address)
                : surroundings.Endpoints.StsToken(file.Universe()),
            SubjectTokens(source, audience, tokenType, account, surroundings))
        {
            ImpersonationUri = impersonation is null ? null : surroundings.Endpoints.Resolve(impersonation),
            Lifetime = file.Object("service_account_impersonation")?.Number("token_lifetime_seconds", 600, 43200) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : ImpersonationTarget.DefaultLifetime,
            ClientId = file.Text("client_id"),
            ClientSecret = file.Text("client_secret"),
            UserProject = file.Text("workforce_pool_user_project"),
        };
    }

    private static ISubjectTokens SubjectTokens(
        CredentialJson source, string audience, string tokenType, string? account, SourceSurroundings surroundings)
    {
        if (source.Has("certificate"))
        {
            throw CredentialJson.Unusable(
                $"{source.Place("certificate")} names an X.509 certificate, which tokens cannot be made with here. "
                + "Give the provider another source: a file, a url, an executable or AWS.");
        }

        if (source.Text("environment_id") is { } environment)
        {
            return environment is "aws1"
                ? new AwsSubjectTokens(
                    source.Address("region_url"),
                    source.Address("url"),
                    source.Address("imdsv2_session_token_url"),
                    VerificationUrl(source),
                    audience,
                    surroundings.Variables,
                    surroundings.Time)
                : throw CredentialJson.Unusable($"{source.Place("environment_id")} is not aws1, the only one that is known.");
        }

        if (source.Object("executable") is { } executable)
        {
            return surroundings.AllowExecutables
                ? new ExecutableSubjectTokens(
                    executable.Required("command"),
                    executable.Number("timeout_millis", 5000, 120000) is { } limit ? TimeSpan.FromMilliseconds(limit) : DefaultExecutableLimit,
                    executable.Text("output_file"),
                    audience,
                    tokenType,
                    account,
                    surroundings.Time)
                : throw CredentialJson.Unusable(
                    $"{source.Source} names a program to run, which has to be allowed, because whoever can write the file could "
                    + "run anything: set GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1 (allowExecutables in the settings).");
        }

        var format = Format(source);
        if (source.Text("file") is { Length: > 0 } path)
        {
            return new FileSubjectTokens(path, format);
        }

        return source.Address("url") is { } url
            ? new UrlSubjectTokens(url, source.Object("headers")?.Texts() ?? [], format)
            : throw CredentialJson.Unusable(
                $"{source.Source} has none of \"file\", \"url\", \"executable\" and \"environment_id\" in \"credential_source\"; "
                + "those are the sources that are known.");
    }

    private static string VerificationUrl(CredentialJson source)
    {
        const string Name = "regional_cred_verification_url";
        var url = source.Required(Name);
        return AwsSubjectTokens.VerificationUrl(url, "us-east-1") is null ? throw CredentialJson.Unusable($"{source.Place(Name)} is not a web address.") : url;
    }

    private static SubjectTokenFormat Format(CredentialJson source) => source.Object("format") switch
    {
        null => new(null),
        { } format => format.Text("type") switch
        {
            null or "text" => new(null),
            "json" => new(format.Required("subject_token_field_name")),
            _ => throw CredentialJson.Unusable($"{format.Place("type")} is neither text nor json."),
        },
    };
}
