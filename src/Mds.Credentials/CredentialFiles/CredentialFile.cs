using System.Text.RegularExpressions;

namespace Mds.Credentials;

/// <summary>
/// Any of the credential files that Google's libraries take as application default credentials, told apart by their
/// <c>type</c>.
/// </summary>
/// <param name="Type">The <c>type</c>: <c>authorized_user</c>, <c>external_account</c> and so on.</param>
/// <param name="Source">Makes tokens with it.</param>
/// <param name="UniverseDomain">The universe that it is for; <see langword="null"/> for Google's public cloud.</param>
public sealed partial record CredentialFile(string Type, ITokenSource Source, string? UniverseDomain)
{
    /// <summary>The type of a workload identity federation configuration.</summary>
    public const string ExternalAccountType = "external_account";

    private const string UserType = "authorized_user";
    private const string WorkforceUserType = "external_account_authorized_user";
    private const string ImpersonatedType = "impersonated_service_account";

    /// <summary>Reads a file.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="source">What to call it in error messages: its path.</param>
    /// <param name="surroundings">What the credential stands in.</param>
    /// <exception cref="TokenSourceException">It is no credential file that can be used; the message says why, and never quotes it.</exception>
    public static CredentialFile Parse(ReadOnlyMemory<byte> utf8, string source, SourceSurroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(surroundings);
        return CredentialJson.Read(utf8, source, "a credential file of Google's", file => Read(file, surroundings));
    }

    /// <summary>What a file of this type is, for an error message.</summary>
    internal static string NameOfType(string? type, CredentialJson file) => type switch
    {
        ServiceAccountKeyFile.TypeName => "a service account key",
        UserType => "a person's login, as gcloud auth application-default login writes it",
        ExternalAccountType => "a workload identity federation configuration",
        WorkforceUserType => "a person's workforce identity login",
        ImpersonatedType => "a configuration for impersonating a service account",
        "gdch_service_account" => "a service account of Google Distributed Cloud",
        null when file.Has("installed") || file.Has("web") => "an OAuth client of an application",
        null => "an object without \"type\"",
        _ => "of a type that is not known here",
    };

    private static CredentialFile Read(CredentialJson file, SourceSurroundings surroundings)
    {
        var type = file.Text("type");
        var universe = file.Universe();
        return type switch
        {
            ServiceAccountKeyFile.TypeName => new(
                type,
                new ServiceAccountKeySource(
                    ServiceAccountKeyFile.Read(file), surroundings.Time, useOauthToken: true, surroundings.Endpoints),
                universe),
            UserType => new(type, new UserLoginSource(Login(file, surroundings, isWorkforce: false), surroundings.Time), universe),
            WorkforceUserType => new(type, new UserLoginSource(Login(file, surroundings, isWorkforce: true), surroundings.Time), universe),
            ExternalAccountType => new(type, ExternalAccountFile.Read(file, surroundings).MakeSource(surroundings), universe),
            ImpersonatedType => Impersonated(file, surroundings),
            _ => throw CredentialJson.Unusable(
                $"{file.Source} is {NameOfType(type, file)}, which tokens cannot be made with. Give a service account key, "
                + "a login made by gcloud auth application-default login, or a workload identity federation configuration."),
        };
    }

    private static UserLogin Login(CredentialJson file, SourceSurroundings surroundings, bool isWorkforce)
    {
        var universe = file.Universe();
        var address = file.Address("token_url") ?? file.Address("token_uri");
        return new(
            address is null
                ? isWorkforce ? new(surroundings.Endpoints.StsToken(universe), "oauthtoken") : surroundings.Endpoints.Token(universe)
                : surroundings.Endpoints.Resolve(address),
            file.Required("client_id"),
            file.Required("client_secret"),
            file.Required("refresh_token"),
            file.Text("account") is { Length: > 0 } account ? account : null,
            file.Source)
        {
            IsWorkforce = isWorkforce,
        };
    }

    // gcloud auth application-default login --impersonate-service-account
    private static CredentialFile Impersonated(CredentialJson file, SourceSurroundings surroundings)
    {
        var inner = file.Object("source_credentials")
            ?? throw CredentialJson.Unusable($"{file.Place("source_credentials")} is missing; make the file again with gcloud.");
        var source = Read(inner, surroundings);
        var url = file.Address("service_account_impersonation_url")
            ?? throw CredentialJson.Unusable($"{file.Place("service_account_impersonation_url")} is missing; make the file again with gcloud.");
        var target = new ImpersonationTarget(
            AccountOf(url) ?? throw CredentialJson.Unusable(
                $"{file.Place("service_account_impersonation_url")} does not name a service account and generateAccessToken."),
            [.. file.List("delegates").Select(name => name.Split('/')[^1])],
            ImpersonationTarget.DefaultLifetime);
        return new(
            ImpersonatedType,
            new ImpersonationSource(source.Source, target, surroundings.Endpoints, source.UniverseDomain, surroundings.Time),
            source.UniverseDomain);
    }

    /// <summary>The account in the address of its <c>generateAccessToken</c>.</summary>
    internal static string? AccountOf(Uri url) =>
        ImpersonationUrl().Match(Uri.UnescapeDataString(url.AbsolutePath)) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("/serviceAccounts/([^/:]+):generateAccessToken$")]
    private static partial Regex ImpersonationUrl();
}
