using System.CommandLine;

namespace Mds.Server.Commands;

/// <summary>What a subcommand reads from and writes to.</summary>
/// <param name="input">Standard input.</param>
internal sealed class Invocation(Stream input) : InvocationConfiguration
{
    /// <summary>Standard input.</summary>
    public Stream Input { get; } = input;
}
