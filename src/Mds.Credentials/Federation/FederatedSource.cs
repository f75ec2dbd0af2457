using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>
/// Access tokens of a federated identity: the exchange of its token at Google's Security Token Service (RFC 8693; docs:
/// iam/docs/reference/sts). There are no identity tokens; Google makes those for service accounts only.
/// </summary>
internal sealed class FederatedSource(ExternalAccount account, TimeProvider time) : ITokenSource
{
    /// <summary>The kind of credential, in the custom resource's word.</summary>
    public const string Kind = "workloadIdentity";

    public TimeSpan LongestCall => account.SubjectTokens.LongestFetch + IssuerConnections.CallTimeout;

    public TokenSourceDescription Describe() => new(Kind, null);

    public async Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
            ["audience"] = account.Audience,
            ["scope"] = scopes.Count == 0 ? ImpersonationSource.CloudPlatform : string.Join(' ', scopes),
            ["requested_token_type"] = "urn:ietf:params:oauth:token-type:access_token",
            ["subject_token_type"] = account.SubjectTokenType,
            ["subject_token"] = await account.SubjectTokens.GetAsync(cancellationToken),
        };
        if (account.UserProject is { } project && account.ClientId is null)
        {
            form["options"] = new JsonObject { ["userProject"] = project }.ToJsonString();
        }

        using var content = new FormUrlEncodedContent(form);
        var call = new IssuerCall(account.TokenUri, content, account.SubjectTokens.Name, Advice)
        {
            Authorization = account.ClientId is { } client
                ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client}:{account.ClientSecret}")))
                : null,
        };
        var asked = time.GetUtcNow();
        var answer = await call.SendAsync(cancellationToken);
        return new(call.Text(answer, "access_token"), asked + call.Seconds(answer, "expires_in"));
    }

    public Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken) =>
        Task.FromException<IdentityToken>(new TokenSourceException(
            TokenSourceFault.NotOffered,
            "A federated identity has no identity tokens of Google's; impersonate a service account (impersonate, or service_account_impersonation_url)."));

    private string Advice(Refusal refusal) => refusal.Code switch
    {
        // AWS: "Signature expired: … is now earlier than …", "Signature not yet current: … is still later than …".
        "invalid_grant" when account.SubjectTokens is AwsSubjectTokens && (refusal.Says("expired") || refusal.Says("not yet current")) =>
            "AWS wants a signature of the last minutes, and credentials that are still good: compare this machine's clock with the "
            + "issuer's, and see that the credentials are replaced.",
        "invalid_grant" when account.SubjectTokens is AwsSubjectTokens && refusal.Says("signature") =>
            "AWS does not know the credentials that it was signed with: see that id, key and session token belong together.",
        "invalid_grant" when refusal.Says("audience") =>
            "The token is not meant for this provider: its audience has to be one that the provider allows, "
            + $"which is https:{account.Audience} unless it says otherwise.",
        "invalid_grant" when refusal.Says("attribute condition") =>
            "The provider's attribute condition does not allow this identity; see gcloud iam workload-identity-pools providers describe.",
        "invalid_grant" when refusal.Says("signature") || refusal.Says("key") || refusal.Says("issuer") =>
            "The provider has to know the issuer that signed the token, and its keys: compare the token's iss with the provider's "
            + "issuer URI, and upload the keys (--jwk-json-path) where Google cannot reach that issuer.",
        "invalid_grant" when refusal.Says("expired") || refusal.Says("stale") =>
            "The token has expired: see why it is not replaced, and compare this machine's clock with the issuer's.",
        "invalid_target" => "There is no such provider, or it or its pool is disabled: check the pool's project number and the names.",
        "invalid_scope" => "Ask for scopes that exist: https://developers.google.com/identity/protocols/oauth2/scopes.",
        "invalid_client" or "unauthorized_client" => "Check \"client_id\" and \"client_secret\" of the configuration.",
        _ => "Asking again changes nothing until the pool's provider or the token is mended.",
    };
}
