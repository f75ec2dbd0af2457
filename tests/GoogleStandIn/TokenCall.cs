namespace StandIns;

/// <summary>One call as it was judged; nothing in it is secret.</summary>
/// <param name="Outcome"><c>access_token</c>, <c>id_token</c>, or the OAuth error code.</param>
/// <param name="Description">The error's description.</param>
/// <param name="Issuer">The assertion's <c>iss</c>, where it could be read.</param>
/// <param name="Scope">The scopes asked for.</param>
/// <param name="TargetAudience">The audience of the identity token asked for.</param>
public sealed record TokenCall(
    string Outcome, string? Description = null, string? Issuer = null, string? Scope = null, string? TargetAudience = null)
{
    public bool Accepted => Description is null;
}
