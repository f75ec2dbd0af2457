namespace Mds.Metadata.Tests.Tree;

public sealed class MetadataStoreTests
{
    [Fact]
    public void Replace_AnotherTree_IsServedFromThenOn()
    {
        var first = MetadataTreeTests.Build("""{"project": {"projectId": "p1"}}""");
        var second = MetadataTreeTests.Build("""{"project": {"projectId": "p2"}}""");
        var store = new MetadataStore(first);
        var before = store.Current;

        store.Replace(second);

        Assert.Same(first, before);
        Assert.Same(second, store.Current);
    }
}
