namespace Mds.Credentials;

/// <summary>A person's login as <c>gcloud auth application-default login</c> keeps it: a refresh token and whom it was given to.</summary>
/// <param name="TokenUri">Where the refresh token is exchanged.</param>
/// <param name="ClientId">The program that the person logged in with.</param>
/// <param name="ClientSecret">Its secret.</param>
/// <param name="RefreshToken">The refresh token: a secret.</param>
/// <param name="Principal">The person, where the file says so.</param>
/// <param name="Source">The file, for error messages.</param>
internal sealed record UserLogin(
    Uri TokenUri, string ClientId, string ClientSecret, string RefreshToken, string? Principal, string Source)
{
    /// <summary>
    /// Whether the person came from a workforce identity pool (<c>external_account_authorized_user</c>): the exchange then
    /// wants the program's id and secret in the header (google-auth-library-python).
    /// </summary>
    public bool IsWorkforce { get; init; }

    /// <summary>Names the file only: the rest is secret.</summary>
    public override string ToString() => $"login in {Source}";
}
