namespace Mds.Credentials;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed, which may be secret.</param>
/// <param name="Error">What it printed on its standard error, which may be secret.</param>
internal sealed record ProgramOutcome(int ExitCode, byte[] Output, byte[] Error);
