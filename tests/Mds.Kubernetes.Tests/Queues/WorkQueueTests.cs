namespace Mds.Kubernetes.Tests.Queues;

public sealed class WorkQueueTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new WorkQueue<string>(_time, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Add_WhileQueued_KeepsOne()
    {
        _queue.Add("a");
        _queue.Add("b");
        _queue.Add("a");

        Assert.Equal(2, _queue.Count);
        Assert.Equal("a", await _queue.GetAsync(Ct));
        Assert.Equal("b", await _queue.GetAsync(Ct));
    }

    [Fact]
    public async Task Add_WhileProcessing_ComesAgainAfterDoneAndOnlyOnce()
    {
        _queue.Add("a");
        var key = await _queue.GetAsync(Ct);

        _queue.Add("a");
        _queue.Add("a");
        var whileProcessing = _queue.Count;
        _queue.Done(key);

        Assert.Equal(0, whileProcessing);
        Assert.Equal(1, _queue.Count);
        Assert.Equal("a", await _queue.GetAsync(Ct));
        _queue.Done("a");
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void AddAfter_SeveralDelays_TheEarliestCounts()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(2));
        _queue.AddAfter("a", TimeSpan.FromSeconds(9));

        _time.Advance(TimeSpan.FromSeconds(1.9));
        var early = _queue.Count;
        _time.Advance(TimeSpan.FromSeconds(0.1));
        var due = _queue.Count;

        Assert.Equal((0, 1), (early, due));
    }

    [Fact]
    public async Task AddAfter_Due_IsGivenOutOnce()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        _queue.Done(await _queue.GetAsync(Ct));

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task AddRateLimited_Repeatedly_WaitsTwiceAsLongUpToTheLongest()
    {
        foreach (var seconds in (int[])[1, 2, 4, 8, 10, 10])
        {
            _queue.AddRateLimited("a");
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, _queue.Count);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(1, _queue.Count);
            _queue.Done(await _queue.GetAsync(Ct));
        }

        Assert.Equal(6, _queue.FailuresOf("a"));
    }

    [Fact]
    public void Forget_AfterFailures_StartsFromTheFirstDelay()
    {
        for (var i = 0; i < 100; i++)
        {
            _queue.AddRateLimited("a");
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        _queue.Forget("b");
        _queue.Forget("a");
        _queue.AddRateLimited("b");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((0, 1), (_queue.FailuresOf("a"), _queue.FailuresOf("b")));
        Assert.Equal(2, _queue.Count);
    }

    [Fact]
    public async Task GetAsync_Empty_WaitsForAKeyOrTheEnd()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var taken = _queue.GetAsync(ending.Token);
        Assert.False(taken.IsCompleted);
        _queue.Add("a");
        Assert.Equal("a", await taken);

        var never = _queue.GetAsync(ending.Token).AsTask();
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
    }

    [Fact]
    public void Dispose_WithDelays_AddsNothingMore()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(1));

        _queue.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        _queue.Add("b");

        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task GetAsync_ManyWorkers_NeverGiveOneKeyToTwoAtATimeAndLoseNone()
    {
        const int Keys = 5, Adds = 2000;
        var latest = new int[Keys];
        var handled = new int[Keys];
        var busy = new int[Keys];
        var overlaps = 0;
        using var queue = new WorkQueue<int>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var key = await queue.GetAsync(ending.Token);
                overlaps += Interlocked.Increment(ref busy[key]) == 1 ? 0 : 1;
                handled[key] = Volatile.Read(ref latest[key]);
                await Task.Yield();
                Interlocked.Decrement(ref busy[key]);
                queue.Done(key);
            }
        })).ToArray();

        for (var i = 1; i <= Adds; i++)
        {
            Interlocked.Exchange(ref latest[i % Keys], i);
            queue.Add(i % Keys);
        }

        await Eventually.TrueAsync(() => handled.SequenceEqual(latest), "the last value of each key is handled", Ct);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(workers));
        Assert.Equal(0, overlaps);
    }
}
