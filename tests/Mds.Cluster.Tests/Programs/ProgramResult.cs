namespace Mds.Cluster.Tests.Programs;

/// <summary>What a program that has ended left.</summary>
public sealed record ProgramResult(string CommandLine, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>Its output; throws with all it said when it failed.</summary>
    public string Required() => Succeeded
        ? Output
        : throw new InvalidOperationException($"`{CommandLine}` ended with {ExitCode}.\n{Error}\n{Output}".TrimEnd());
}
