using System.Text;
using FsCheck;
using FsCheck.Fluent;

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

    [Fact]
    public void WithGuestAttributes_AnyChanges_IsTheSameAsOneByOne() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Changes().ToArbitrary(), Changes().ToArbitrary(), (given, changes) =>
        {
            var claims = Parse("{}").WithGuestAttributes(given.DistinctBy(change => change.Key));
            var oneByOne = changes.Aggregate(claims, (before, change) => before.WithGuestAttributes([change]));
            var atOnce = claims.WithGuestAttributes(changes.Reverse().DistinctBy(change => change.Key));
            return Known(atOnce).SequenceEqual(Known(oneByOne)) && Spaces(atOnce).SequenceEqual(Spaces(oneByOne));
        }));

    [Fact]
    public void Put_MoreThanThereMayBe_IsRefusedUntilOneIsDeleted()
    {
        using var store = new MetadataStore(MetadataTree.Build(Parse("{}")), TimeProvider.System);
        var attributes = new GuestAttributes(store);
        for (var i = 0; i < GuestAttributes.MaximumCount; i++)
        {
            Assert.True(attributes.Put(new GuestAttributeName("space", $"key{i}"), ""));
        }

        Assert.False(attributes.Put(new GuestAttributeName("space", "more"), ""));
        Assert.True(attributes.Put(new GuestAttributeName("space", "key0"), "other"));
        Assert.True(attributes.Delete(new GuestAttributeName("space", "key1")));
        Assert.True(attributes.Put(new GuestAttributeName("space", "more"), ""));
    }

    [Fact]
    public void Put_WhereTheClaimsGiveMoreThanThereMayBe_OverwritesAndAddsNothing()
    {
        var given = string.Join(", ", Enumerable.Range(0, GuestAttributes.MaximumCount + 1).Select(i => $"\"key{i}\": \"given\""));
        using var store = new MetadataStore(
            MetadataTree.Build(Parse($$"""{"instance": {"guestAttributes": {"space": { {{given}} } } } }""")), TimeProvider.System);
        var attributes = new GuestAttributes(store);

        Assert.True(attributes.Put(new GuestAttributeName("space", "key0"), "other"));
        Assert.False(attributes.Put(new GuestAttributeName("space", "more"), ""));
    }

    private static Gen<KeyValuePair<GuestAttributeName, string?>[]> Changes() => Gen.ArrayOf(
        from space in Gen.Elements("a", "b")
        from key in Gen.Elements("x", "y", "z")
        from value in Gen.Elements(null, "1", "2")
        select KeyValuePair.Create(new GuestAttributeName(space, key), value));

    private static IEnumerable<(string, string, string)> Known(Claims claims) =>
        claims.GuestAttributes.Select(attribute => (attribute.Key.Namespace, attribute.Key.Key, attribute.Value)).Order();

    private static IEnumerable<string> Spaces(Claims claims) =>
        claims.Root.Find("instance")!.Find("guestAttributes")!.Members.Select(space => space.Name).Order(StringComparer.Ordinal);

    private static int Lines(MetadataStore store) => store.Current
        .Find("/computeMetadata/v1/instance/guest-attributes/space/")!.Render()!.Value.Body.Span.Count((byte)'\n');

    private static Claims Parse(string json) => Claims.Parse(Encoding.UTF8.GetBytes(json), "claims.json");
}
