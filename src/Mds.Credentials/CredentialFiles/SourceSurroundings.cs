namespace Mds.Credentials;

/// <summary>What the credential of a file stands in.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Endpoints">Where Google's services are.</param>
/// <param name="AllowExecutables">
/// Whether a file may name a program to run: whoever can write the file could otherwise run anything
/// (<c>GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES</c>).
/// </param>
/// <param name="Variables">The variables of the process, where a machine on AWS may have its credentials.</param>
public sealed record SourceSurroundings(
    TimeProvider Time, GoogleEndpoints Endpoints, bool AllowExecutables, IReadOnlyDictionary<string, string> Variables);
