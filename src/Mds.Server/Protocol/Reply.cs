namespace Mds.Server.Protocol;

/// <summary>What becomes of a request.</summary>
/// <param name="Outcome">What metrics and logs call it.</param>
/// <param name="Answer">Its answer, unless that takes time.</param>
/// <param name="Later">
/// Gives the answer where it takes time: a change is waited for, a token or a body is yet to come, or there is much to look through.
/// </param>
internal readonly record struct Reply(
    RequestOutcome Outcome, Answer Answer, Func<HttpContext, ValueTask<Answer>>? Later = null);
