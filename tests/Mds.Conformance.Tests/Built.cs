using System.Reflection;

namespace Mds.Conformance.Tests;

/// <summary>Programs that are built along with the tests, by name.</summary>
internal static class Built
{
    public static string Assembly(string name) => typeof(Built).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == name).Value!;

    /// <summary>A file that is copied beside the tests.</summary>
    public static string File(string path) => Path.Combine(AppContext.BaseDirectory, path);
}
