namespace StandIns;

/// <summary>How the stand-in answers from now on; what it verifies does not change.</summary>
/// <param name="DelayMilliseconds">How long each answer is held back.</param>
/// <param name="Status">A status to answer instead of everything else, such as 503.</param>
/// <param name="Body">What it says with that status.</param>
/// <param name="ExpiresIn">The life of the access tokens it gives, in seconds.</param>
/// <param name="Only">The end of the path that this is for; every path when it is empty.</param>
public sealed record Behaviour(
    int DelayMilliseconds = 0, int? Status = null, string Body = "The server is down.", int ExpiresIn = 3599, string Only = "")
{
    public bool IsFor(string path) => path.EndsWith(Only, StringComparison.Ordinal);
}
