namespace StandIns;

/// <summary>One call as it was judged; nothing in it is secret.</summary>
/// <param name="Outcome"><c>access_token</c>, <c>id_token</c>, or the error code.</param>
/// <param name="Description">The error's description.</param>
/// <param name="Issuer">Whom the caller speaks for: the assertion's <c>iss</c>, the subject, the user, the bearer's principal.</param>
/// <param name="Scope">The scopes asked for.</param>
/// <param name="TargetAudience">The audience of the identity token asked for.</param>
/// <param name="Target">The account that is impersonated.</param>
/// <param name="Delegates">The chain to it, commas between.</param>
/// <param name="Lifetime">The life asked for, in seconds.</param>
public sealed record TokenCall(
    string Outcome,
    string? Description = null,
    string? Issuer = null,
    string? Scope = null,
    string? TargetAudience = null,
    string? Target = null,
    string? Delegates = null,
    int? Lifetime = null)
{
    public bool Accepted => Description is null;
}
