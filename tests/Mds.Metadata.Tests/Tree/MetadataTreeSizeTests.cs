using System.Text;

namespace Mds.Metadata.Tests.Tree;

public sealed class MetadataTreeSizeTests
{
    [Theory]
    [InlineData(1_000)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public void Build_ManyAttributes_AnswersEach(int count)
    {
        var tree = MetadataTree.Build(Attributes(count));

        Assert.Equal($"value {count - 1}", Body(tree, $"instance/attributes/key-{count - 1}"));
        Assert.Equal(count, Body(tree, "instance/attributes/").Count(c => c == '\n'));
        Assert.Equal(count, tree.Paths.Count - MetadataTree.Build(Attributes(0)).Paths.Count);
    }

    [Fact]
    public void Build_TenTimesTheAttributes_TakesAboutTenTimesTheMemory()
    {
        var small = AllocatedByBuilding(Attributes(5_000));
        var large = AllocatedByBuilding(Attributes(50_000));

        Assert.InRange(large, small * 5, small * 15);
    }

    [Fact]
    public void Find_AnyPath_AllocatesNothing()
    {
        var tree = MetadataTree.Build(Attributes(100));
        string[] paths = ["/", "/computeMetadata/v1/instance/attributes/key-7", "/computeMetadata/v1/instance", "/nothing"];
        foreach (var path in paths)
        {
            tree.Find(path)?.Render();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var path in paths)
        {
            tree.Find(path)?.Render();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static long AllocatedByBuilding(Claims claims)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        MetadataTree.Build(claims);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static Claims Attributes(int count)
    {
        var attributes = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"key-{i}\":\"value {i}\""));
        return Claims.Parse(Encoding.UTF8.GetBytes($$$"""{"instance":{"attributes":{ {{{attributes}}} } } }"""), "claims.json");
    }

    private static string Body(MetadataTree tree, string path) =>
        MetadataTreeTests.Text(tree.Find("/computeMetadata/v1/" + path)!.Render());
}
