using System.CommandLine;
using Mds.Metadata;
using Mds.Server.Reload;
using Mds.Server.Samples;

namespace Mds.Server.Commands;

/// <summary>The argument FILE of the subcommands that read claims.</summary>
internal static class ClaimsArgument
{
    private const string StandardInput = "-";

    /// <summary>Makes the argument.</summary>
    /// <param name="isRequired">Whether it must be given; if not, the built-in sample stands in.</param>
    public static Argument<string> Create(bool isRequired) => new("FILE")
    {
        Description = "The claims document (JSON); - reads standard input." + (isRequired ? "" : " Without it, the built-in sample."),
        Arity = isRequired ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
    };

    /// <summary>Reads the claims that the argument names; says on standard error what is wrong with them.</summary>
    /// <param name="result">The parsed command line.</param>
    /// <param name="argument">The argument.</param>
    /// <returns><see langword="null"/> when there are errors.</returns>
    public static Claims? Read(ParseResult result, Argument<string> argument)
    {
        var file = result.GetValue(argument);
        var source = file switch { null => SampleClaims.Source, StandardInput => "standard input", _ => file };
        var error = result.InvocationConfiguration.Error;
        var content = file switch
        {
            null => new FileContent(SampleClaims.Read(), null, CanChange: false),
            StandardInput => new FileContent(ReadAll(((Invocation)result.InvocationConfiguration).Input), null, CanChange: false),
            _ => FileContent.Read(file),
        };
        if (content.Bytes is not { } bytes)
        {
            error.WriteLine($"mds-server: {content.Problem}");
            return null;
        }

        try
        {
            return Claims.Parse(bytes, source);
        }
        catch (ClaimsException exception)
        {
            // FILE:LINE:COLUMN is what editors and CI systems make links of.
            foreach (var problem in exception.Errors)
            {
                error.WriteLine($"{source}:{problem.Line}:{problem.Column}: {problem.JsonPath}: {problem.Message}");
            }

            return null;
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
