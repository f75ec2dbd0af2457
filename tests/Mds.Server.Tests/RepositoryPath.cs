using System.Runtime.CompilerServices;

namespace Mds.Server.Tests;

/// <summary>Finds files of the repository from where the tests were built.</summary>
internal static class RepositoryPath
{
    public static string Of(string relative, [CallerFilePath] string caller = "")
    {
        for (var folder = Path.GetDirectoryName(caller); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "MdsOperator.sln")))
            {
                return Path.Combine(folder, relative);
            }
        }

        throw new InvalidOperationException($"{caller} is in no folder below one with MdsOperator.sln.");
    }
}
