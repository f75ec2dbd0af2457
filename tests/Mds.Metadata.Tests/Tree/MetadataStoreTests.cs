using System.Text;

namespace Mds.Metadata.Tests.Tree;

public sealed class MetadataStoreTests : IDisposable
{
    private const string Project = "/computeMetadata/v1/project/project-id";
    private const string Name = "/computeMetadata/v1/instance/name";
    private const string Attribute = "/computeMetadata/v1/instance/attributes/colour";
    private const string Root = "/computeMetadata/v1/";

    private readonly ManualTime _time = new();
    private readonly MetadataStore _store;

    public MetadataStoreTests() => _store = new MetadataStore(Tree("p1", "n1"), _time);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Replace_AnotherTree_IsServedFromThenOn()
    {
        var before = _store.Current;
        var second = Tree("p2", "n1");

        _store.Replace(second);

        Assert.NotSame(second, before);
        Assert.Same(second, _store.Current);
    }

    [Theory]
    [InlineData(Project, true)]
    [InlineData(Name, false)]
    [InlineData("/computeMetadata/v1/project/", true)]
    [InlineData("/computeMetadata/v1/instance/", false)]
    [InlineData("/computeMetadata/v1//project//project-id", true)]
    [InlineData(Root, true)]
    public async Task Wait_ProjectChanges_WakesThoseWhoseOwnNodeHoldsIt(string path, bool wakes)
    {
        var wait = Wait(path);
        var next = Tree("p2", "n1");

        _store.Replace(next);

        Assert.Equal(wakes ? 0 : 1, _store.WaiterCount);
        if (wakes)
        {
            Assert.Same(next, await wait);
        }
        else
        {
            Assert.False(wait.IsCompleted);
        }
    }

    [Fact]
    public async Task Wait_LeafIsDeleted_EndsWithTheTreeThatLacksIt()
    {
        _store.Replace(Tree("p1", "n1", "red"));
        var wait = Wait(Attribute);

        _store.Replace(Tree("p1", "n1"));

        Assert.Null((await wait)!.Find(Attribute));
    }

    [Fact]
    public async Task Wait_OtherETagThanThePresent_EndsAtOnce()
    {
        var tree = _store.Current;

        foreach (var etag in new[] { "0", "NONE", "", "0123456789abcdef" })
        {
            Assert.Same(tree, await Wait(Name, etag));
        }

        Assert.False(Wait(Name, tree.Find(Name)!.ContentETag).IsCompleted);
        Assert.Equal(1, _store.WaiterCount);
    }

    [Theory]
    [InlineData("/computeMetadata/v1/nokey")]
    [InlineData("/")]
    [InlineData("/computeMetadata/v1/instance/service-accounts/default/identity")]
    public async Task Wait_NothingToWaitFor_EndsAtOnce(string path) =>
        Assert.Same(_store.Current, await Wait(path));

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task Wait_NoTimeGiven_EndsAtOnce(int seconds) =>
        Assert.Same(_store.Current, await Wait(Name, timeout: TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task Wait_UntilEachTimeout_EndsThenAndNotBefore()
    {
        var never = Wait(Name);
        var late = Wait(Name, timeout: TimeSpan.FromSeconds(90));
        var early = Wait(Name, timeout: TimeSpan.FromSeconds(30));
        var nextDay = Wait(Project, timeout: TimeSpan.FromDays(1));

        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(early.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Same(_store.Current, await early);
        Assert.False(late.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Same(_store.Current, await late);
        Assert.False(nextDay.IsCompleted);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Same(_store.Current, await nextDay);

        Assert.False(never.IsCompleted);
        Assert.Equal(1, _store.WaiterCount);
    }

    [Fact]
    public async Task Wait_GivenUp_LeavesNothingBehind()
    {
        using var giveUp = new CancellationTokenSource();
        var wait = _store.WaitAsync(Name, null, TimeSpan.FromSeconds(60), giveUp.Token);
        var other = Wait(Name);
        Assert.Equal(2, _store.WaiterCount);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(1, _store.WaiterCount);
        _store.Replace(Tree("p1", "n2"));
        Assert.NotNull(await other);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(0, _store.WaiterCount);
    }

    [Fact]
    public async Task Wait_GivenUpBefore_Ends()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _store.WaitAsync(Name, null, null, new CancellationToken(canceled: true)));

        Assert.Equal(0, _store.WaiterCount);
    }

    [Fact]
    public async Task Stop_WhileSomeWait_EndsTheirWaitsAndThoseThatCome()
    {
        var waits = new[] { Wait(Name), Wait(Root, timeout: TimeSpan.FromHours(1)) };

        _store.Stop();

        Assert.All(await Task.WhenAll(waits), Assert.Null);
        Assert.Null(await Wait(Name));
        Assert.Equal(0, _store.WaiterCount);
        Assert.NotNull(_store.Current.Find(Name));
    }

    [Fact]
    public async Task Replace_TenThousandWait_WakesExactlyThoseItConcerns()
    {
        var names = Enumerable.Range(0, 5_000).Select(i => Wait(Name, timeout: TimeSpan.FromSeconds(60 + i))).ToList();
        var projects = Enumerable.Range(0, 5_000).Select(_ => Wait(Project)).ToList();
        Assert.Equal(10_000, _store.WaiterCount);
        var next = Tree("p1", "n2");

        _store.Replace(next);

        Assert.All(await Task.WhenAll(names), tree => Assert.Same(next, tree));
        Assert.DoesNotContain(projects, wait => wait.IsCompleted);
        Assert.Equal(5_000, _store.WaiterCount);
    }

    private Task<MetadataTree?> Wait(string path, string? etag = null, TimeSpan? timeout = null) =>
        _store.WaitAsync(path, etag, timeout, TestContext.Current.CancellationToken);

    private static MetadataTree Tree(string project, string name, string? colour = null)
    {
        var attributes = colour is null ? "{}" : $$"""{"colour": "{{colour}}"}""";
        var claims = $$"""
            {"project": {"projectId": "{{project}}"}, "instance": {"name": "{{name}}", "attributes": {{attributes}} } }
            """;
        return MetadataTree.Build(Claims.Parse(Encoding.UTF8.GetBytes(claims), "claims.json"));
    }
}
