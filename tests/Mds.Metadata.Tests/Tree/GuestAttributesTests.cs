using System.Text;

namespace Mds.Metadata.Tests.Tree;

public sealed class GuestAttributesTests
{
    // What is remembered of a deleted name would hide the one that other claims give.
    [Fact]
    public void Delete_TenThousandNamesThatTheClaimsDoNotGive_LeavesNothingBehind()
    {
        const int Count = 10_000;
        using var store = new MetadataStore(MetadataTree.Build(Parse("{}")), TimeProvider.System);
        var attributes = new GuestAttributes(store);
        for (var i = 0; i < Count; i++)
        {
            Assert.True(attributes.Put(new GuestAttributeName("space", $"key{i}"), "value"));
            Assert.True(attributes.Delete(new GuestAttributeName("space", $"key{i}")));
        }

        attributes.Serve(Parse(
            $$"""{"instance": {"attributes": {"enable-guest-attributes": "TRUE"}, "guestAttributes": {"space": { {{string.Join(", ", Enumerable.Range(0, Count).Select(i => $"\"key{i}\": \"given\""))}} } } } }"""));

        Assert.Equal(Count, Lines(store));
    }

    [Fact]
    public void Delete_NameThatTheClaimsGive_StaysDeletedWhenTheyAreServedAgain()
    {
        var claims = Parse("""{"instance": {"attributes": {"enable-guest-attributes": "TRUE"}, "guestAttributes": {"space": {"first": "1", "second": "2"} } } }""");
        using var store = new MetadataStore(MetadataTree.Build(claims), TimeProvider.System);
        var attributes = new GuestAttributes(store);

        attributes.Delete(new GuestAttributeName("space", "first"));
        attributes.Serve(claims);

        Assert.Equal(1, Lines(store));
    }

    private static int Lines(MetadataStore store) => store.Current
        .Find("/computeMetadata/v1/instance/guest-attributes/space/")!.Render()!.Value.Body.Span.Count((byte)'\n');

    private static Claims Parse(string json) => Claims.Parse(Encoding.UTF8.GetBytes(json), "claims.json");
}
