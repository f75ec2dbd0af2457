namespace Mds.Kubernetes;

/// <summary>
/// A token in a file that somebody else renews: the kubelet rewrites a projected service account token long before it
/// expires. Read again once a minute, as client-go does, and at once when the server rejects what it held.
/// </summary>
internal sealed class TokenFile(string path, TimeProvider time) : ICredentialSource
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private KubeCredential? _current;
    private long _readAt;

    public ValueTask<KubeCredential> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_current is null || time.GetElapsedTime(_readAt) >= Age)
            {
                _current = Read() is { Length: > 0 } token
                    ? _current?.Token == token ? _current : new KubeCredential(token, null)
                    : _current ?? throw new KubeConfigException(
                        $"The token file {path} is missing, empty or not readable; without it no request can be made.");
                _readAt = time.GetTimestamp();
            }

            return ValueTask.FromResult(_current);
        }
    }

    public bool Reject(KubeCredential credential)
    {
        lock (_lock)
        {
            // Another token in the file than the one rejected: the kubelet was faster than the minute.
            if (Read() is { Length: > 0 } token && token != credential.Token)
            {
                _current = new KubeCredential(token, null);
                _readAt = time.GetTimestamp();
                return true;
            }

            return false;
        }
    }

    // While the kubelet swaps the file, reading can fail; the token held so far is still valid then.
    private string? Read()
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
