namespace Mds.Server.Admin.Api;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Path">Where in its body, as a JSON path; <c>$</c> for the whole.</param>
/// <param name="Message">A sentence.</param>
internal sealed record ApiError(string Path, string Message);
