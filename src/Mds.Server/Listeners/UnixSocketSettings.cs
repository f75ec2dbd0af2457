namespace Mds.Server.Listeners;

/// <summary>A Unix socket to listen on.</summary>
/// <param name="Path">Where its file is made.</param>
/// <param name="Mode">Who may connect: writing is what connecting takes.</param>
internal sealed record UnixSocketSettings(string Path, UnixFileMode Mode = UnixSocketSettings.DefaultMode)
{
    /// <summary>The user that runs the server and nobody else: who may connect may have the account's tokens.</summary>
    public const UnixFileMode DefaultMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
}
