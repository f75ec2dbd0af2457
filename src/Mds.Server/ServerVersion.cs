using System.Reflection;

namespace Mds.Server;

/// <summary>The server's version.</summary>
internal static class ServerVersion
{
    private static readonly string[] Parts =
        (typeof(ServerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+', 2);

    /// <summary>The version without the build's commit: <c>0.1.0</c>.</summary>
    public static string Text { get; } = Parts[0];

    /// <summary>The commit that it was built of, as far as the build knew.</summary>
    public static string Revision { get; } = Parts.ElementAtOrDefault(1) ?? "unknown";
}
