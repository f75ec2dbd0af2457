namespace Mds.Credentials;

/// <summary>A subject token in a file, read for each exchange: the kubelet and others replace it before it expires.</summary>
internal sealed class FileSubjectTokens(string path, SubjectTokenFormat format) : ISubjectTokens
{
    public string Name => $"the token in {path}";

    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return format.Read(await File.ReadAllBytesAsync(path, cancellationToken), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // It may come yet: volumes are filled, and logins made, after programs have started.
            throw new TokenSourceException(TokenSourceFault.Unavailable, $"The file {path}, which holds the token to exchange, does not exist.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new TokenSourceException(
                TokenSourceFault.Unavailable, $"The file {path}, which holds the token to exchange, may not be read by this process. Change its owner or its mode.");
        }
        catch (IOException e)
        {
            throw new TokenSourceException(TokenSourceFault.Unavailable, $"The file {path}, which holds the token to exchange, cannot be read: {e.Message}");
        }
    }
}
