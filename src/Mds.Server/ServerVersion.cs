using System.Reflection;

namespace Mds.Server;

/// <summary>The server's version.</summary>
internal static class ServerVersion
{
    /// <summary>The version without the build's commit: <c>0.1.0</c>.</summary>
    public static string Text { get; } =
        typeof(ServerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "unknown";
}
