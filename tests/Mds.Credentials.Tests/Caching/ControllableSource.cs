using System.Threading.Channels;

namespace Mds.Credentials.Tests.Caching;

/// <summary>A source whose calls wait until the test answers them.</summary>
internal sealed class ControllableSource : ITokenSource
{
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private int _count;

    public int Calls => Volatile.Read(ref _count);

    /// <summary>When set, calls do not wait but are answered by this.</summary>
    public Func<string, AccessToken>? Answer { get; set; }

    /// <summary>The next call that was made and not yet seen by the test.</summary>
    public async Task<Call> NextAsync() =>
        await _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.Deadline);

    public TokenSourceDescription Describe() => new("test", "app@project.iam.gserviceaccount.com");

    public async Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        (AccessToken)await BeginAsync(string.Join(' ', scopes), cancellationToken);

    public async Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken) =>
        (IdentityToken)await BeginAsync($"identity {request.Audience}", cancellationToken);

    private async Task<object> BeginAsync(string what, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        if (Answer is { } answer)
        {
            return answer(what);
        }

        var call = new Call(what, cancellationToken);
        _calls.Writer.TryWrite(call);
        return await call.Result.Task.WaitAsync(cancellationToken);
    }

    internal sealed record Call(string What, CancellationToken Cancellation)
    {
        public TaskCompletionSource<object> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Succeed(AccessToken token) => Result.SetResult(token);

        public void Succeed(IdentityToken token) => Result.SetResult(token);

        public void Fail(TokenSourceFault fault, string message = "it went wrong") =>
            Result.SetException(new TokenSourceException(fault, message));
    }
}
