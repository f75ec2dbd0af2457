using System.Text;

namespace Mds.Credentials;

/// <summary>
/// Access tokens of a person who logged in with gcloud, for everything they consented to: a refresh token keeps its scopes,
/// so none are asked for. There are no identity tokens for an audience of one's choice: Google gives a person none.
/// </summary>
internal sealed class UserLoginSource(UserLogin login, TimeProvider time) : ITokenSource
{
    public TokenSourceDescription Describe() => new("authorized_user", login.Principal);

    public async Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = login.RefreshToken };
        if (!login.IsWorkforce)
        {
            form["client_id"] = login.ClientId;
            form["client_secret"] = login.ClientSecret;
        }

        using var content = new FormUrlEncodedContent(form);
        var call = new IssuerCall(login.TokenUri, content, $"the login in {login.Source}", Advice)
        {
            Authorization = login.IsWorkforce
                ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.ClientId}:{login.ClientSecret}")))
                : null,
        };
        var asked = time.GetUtcNow();
        var answer = await call.SendAsync(cancellationToken);
        return new(call.Text(answer, "access_token"), asked + call.Seconds(answer, "expires_in"));
    }

    public Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken) =>
        Task.FromException<IdentityToken>(new TokenSourceException(
            TokenSourceFault.NotOffered, "A person's login has no identity tokens for an audience; impersonate a service account."));

    private static string Advice(Refusal refusal) => refusal.Code switch
    {
        "invalid_grant" when refusal.Says("rapt") || refusal.Says("reauth") =>
            "The organization wants its people to log in again now and then: gcloud auth application-default login.",
        "invalid_grant" => "It expired or was revoked. Log in again: gcloud auth application-default login.",
        "invalid_client" or "unauthorized_client" =>
            "The program that it was made with is not known any more. Log in again: gcloud auth application-default login.",
        _ => "Log in again: gcloud auth application-default login.",
    };
}
