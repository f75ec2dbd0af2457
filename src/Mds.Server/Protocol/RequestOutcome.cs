namespace Mds.Server.Protocol;

/// <summary>What became of a request, in words of few values, for metrics and the access log.</summary>
/// <param name="Path">The template of the path, such as <c>/computeMetadata/v1/instance/attributes/{key}</c>; <see cref="Unknown"/> where no node is.</param>
/// <param name="Refusal">Why no path was looked up: <c>forwarded-for</c>, <c>host</c>, <c>flavor</c>, <c>legacy</c> or <c>method</c> where the guard refused it, <c>not-loaded</c> while there are no claims; <see langword="null"/> when one was.</param>
/// <param name="Waited">Whether the client asked to be answered later: how long that took says nothing about the server.</param>
internal readonly record struct RequestOutcome(string Path, string? Refusal = null, bool Waited = false)
{
    /// <summary>Stands for every path without a node.</summary>
    public const string Unknown = "other";
}
