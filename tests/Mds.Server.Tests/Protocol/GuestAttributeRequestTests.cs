using Mds.Metadata;
using Mds.Server.Tests.Hosting;
using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary>Guest attributes, as cloud-init, the guest agent, osconfig and Google's image tests use them.</summary>
public sealed class GuestAttributeRequestTests : IAsyncLifetime
{
    private const string Guest = V1 + "instance/guest-attributes/";

    private MetadataListener _listener = null!;

    public async ValueTask InitializeAsync() => _listener = await StartAsync("""
        {"instance": {"attributes": {"enable-guest-attributes": "TRUE"},
         "guestAttributes": {"given": {"first": "1", "second": "2"}}}}
        """);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    [Theory]
    [InlineData("ssh-rsa AAAAB3Nza comment\n")]
    [InlineData("H4sIAAAA/base64+gzip==", "Content-Type: application/x-www-form-urlencoded")]
    [InlineData("""{"a": 1}""", "Content-Type: application/json")]
    [InlineData("")]
    public async Task Put_AnyTextOfAnyType_IsKeptAsItIs(string value, params string[] headers)
    {
        var put = await _listener.PutAsync(Guest + "hostkeys/ssh-rsa", value, headers);

        Assert.Equal(("HTTP/1.1 200 OK", "0", "Google"), (put.StatusLine, put.Single("Content-Length"), put.Single("Metadata-Flavor")));
        var get = await _listener.GetAsync(Guest + "hostkeys/ssh-rsa");
        Assert.Equal((200, value, "application/text"), (get.Status, get.Body, get.Single("Content-Type")));
    }

    [Fact]
    public async Task Put_HundredsInARow_AreAllKept()
    {
        const int Count = 300;
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal((i, 200), (i, (await _listener.PutAsync($"{Guest}testing/key-{i % 3}", $"{i}")).Status));
        }

        Assert.Equal(
            $$"""{"key-0":"{{Count - 3}}","key-1":"{{Count - 2}}","key-2":"{{Count - 1}}"}""",
            (await _listener.GetAsync(Guest + "testing/?recursive=true")).Body);
    }

    [Fact]
    public async Task Put_OtherBytesThanAscii_AreKept()
    {
        await _listener.PutAsync(Guest + "testing/greeting", "gr\u00c3\u00bc\u00c3\u009fe");

        Assert.Equal("gr\u00c3\u00bc\u00c3\u009fe", (await _listener.GetAsync(Guest + "testing/greeting")).Body);
    }

    [Fact]
    public async Task Put_InChunks_IsKept()
    {
        var put = await _listener.SendAsync(
            "PUT", Guest + "testing/chunks", ["Metadata-Flavor: Google", "Transfer-Encoding: chunked"], "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

        Assert.Equal(200, put.Status);
        Assert.Equal("abcde", (await _listener.GetAsync(Guest + "testing/chunks")).Body);
    }

    [Fact]
    public async Task Put_Twice_TheLastCountsAndTheETagReturnsWithTheValue()
    {
        async Task<string> ETagAfterAsync(string value)
        {
            await _listener.PutAsync(Guest + "testing/key", value);
            return (await _listener.GetAsync(Guest + "testing/key")).Single("ETag");
        }

        var first = await ETagAfterAsync("one");

        Assert.NotEqual(first, await ETagAfterAsync("two"));
        Assert.Equal("two", (await _listener.GetAsync(Guest + "testing/key")).Body);
        Assert.Equal(first, await ETagAfterAsync("one"));
    }

    [Fact]
    public async Task Put_NewNamespace_IsListedAndPartOfRecursion()
    {
        await _listener.PutAsync(Guest + "hostkeys/ssh-rsa", "AAAA");
        await _listener.PutAsync(Guest + "hostkeys/ssh-ed25519", "BBBB");

        Assert.Equal("given/\nhostkeys/\n", (await _listener.GetAsync(Guest)).Body);
        Assert.Equal("ssh-ed25519\nssh-rsa\n", (await _listener.GetAsync(Guest + "hostkeys/")).Body);
        Assert.Equal(
            """{"given":{"first":"1","second":"2"},"hostkeys":{"ssh-ed25519":"BBBB","ssh-rsa":"AAAA"}}""",
            (await _listener.GetAsync(Guest + "?recursive=true")).Body);
        Assert.Contains("\"hostkeys\":{", (await _listener.GetAsync(V1 + "?recursive=true")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_KeysOfANamespace_TakesTheNamespaceWithTheLast()
    {
        Assert.Equal(200, (await DeleteAsync("given/first")).Status);
        Assert.Equal("second\n", (await _listener.GetAsync(Guest + "given/")).Body);
        Assert.Equal(404, (await _listener.GetAsync(Guest + "given/first")).Status);

        Assert.Equal(200, (await DeleteAsync("given/second")).Status);

        Assert.Equal((200, ""), await StatusAndBodyAsync(Guest));
        Assert.Equal(404, (await DeleteAsync("given/second")).Status);
    }

    [Fact]
    public async Task Put_SomebodyWaitsForIt_WakesThem()
    {
        var waiting = _listener.GetAsync(Guest + "?recursive=true&wait_for_change=true");
        await Eventually.TrueAsync(() => _listener.Store.WaiterCount == 1, "it waits");

        await _listener.PutAsync(Guest + "given/second", "3");

        Assert.Equal("""{"given":{"first":"1","second":"3"}}""", (await waiting).Body);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("")]
    [InlineData("namespace/")]
    [InlineData("namespace/key/")]
    [InlineData("namespace/key/more")]
    [InlineData("namespace/a%0Ab")]
    public async Task Write_NotExactlyNamespaceAndKey_Is400(string name)
    {
        var put = await _listener.PutAsync(Guest + name, "value");

        Assert.Equal(400, put.Status);
        Assert.Contains("guest-attributes/NAMESPACE/KEY", put.Body, StringComparison.Ordinal);
        Assert.Equal(400, (await DeleteAsync(name)).Status);
        Assert.Equal("given/\n", (await _listener.GetAsync(Guest)).Body);
    }

    [Fact]
    public async Task Put_SeveralSlashesOrEscapes_NameTheSameKey()
    {
        await _listener.PutAsync(V1 + "instance//guest-attributes//given//second", "3");
        Assert.Equal("3", (await _listener.GetAsync(Guest + "given/second")).Body);

        await _listener.PutAsync(Guest + "giv%65n/second", "4");
        Assert.Equal("4", (await _listener.GetAsync(Guest + "given/second")).Body);
    }

    [Fact]
    public async Task Put_MoreThanThereIsRoomFor_Is400AndChangesNothing()
    {
        var full = new string('x', GuestAttributes.MaximumSize - "given/first1given/second2testing/big".Length + 3);
        Assert.Equal(200, (await _listener.PutAsync(Guest + "testing/big", full)).Status);

        var more = await _listener.PutAsync(Guest + "testing/s", "");
        var longer = await _listener.PutAsync(Guest + "testing/big", full + "y");

        Assert.Equal((400, 400), (more.Status, longer.Status));
        Assert.Contains("262144 bytes", more.Body, StringComparison.Ordinal);
        Assert.Equal(full, (await _listener.GetAsync(Guest + "testing/big")).Body);
        await DeleteAsync("testing/big");
        Assert.Equal(200, (await _listener.PutAsync(Guest + "testing/s", "")).Status);
    }

    [Fact]
    public async Task Put_ValueLongerThanAny_Is400()
    {
        var chunk = $"{GuestAttributes.MaximumSize + 1:x}\r\n{new string('x', GuestAttributes.MaximumSize + 1)}\r\n0\r\n\r\n";

        Assert.Equal(400, (await _listener.SendAsync(
            "PUT", Guest + "testing/big", ["Metadata-Flavor: Google", "Transfer-Encoding: chunked"], chunk)).Status);
        Assert.Equal(400, (await _listener.PutAsync(Guest + "testing/big", new string('x', GuestAttributes.MaximumSize + 1))).Status);
        Assert.Equal(404, (await _listener.GetAsync(Guest + "testing/big")).Status);
    }

    [Fact]
    public async Task Put_NotUtf8_Is400AndSaysWhatToDo()
    {
        var put = await _listener.PutAsync(Guest + "testing/bytes", "\u00ff\u00fe");

        Assert.Equal(400, put.Status);
        Assert.Contains("base64", put.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_BrokenChunks_Is400()
    {
        var put = await _listener.SendAsync(
            "PUT", Guest + "testing/chunks", ["Metadata-Flavor: Google", "Transfer-Encoding: chunked"], "nonsense\r\n");

        Assert.Equal((400, "Google"), (put.Status, put.Single("Metadata-Flavor")));
    }

    [Fact]
    public async Task Write_WithoutTheFlavorOrThroughAProxy_Is403()
    {
        Assert.Equal(403, (await _listener.SendAsync("PUT", Guest + "testing/key", "Content-Length: 0")).Status);
        Assert.Equal(403, (await _listener.PutAsync(Guest + "testing/key", "x", "X-Forwarded-For: 1.2.3.4")).Status);
        Assert.Equal(404, (await _listener.GetAsync(Guest + "testing/key")).Status);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public async Task Send_OtherMethod_Is405AndSaysWhatIsAllowed(string method)
    {
        var response = await _listener.SendAsync(method, Guest + "given/first", "Metadata-Flavor: Google", "Content-Length: 0");

        Assert.Equal((405, "GET, HEAD, PUT, DELETE"), (response.Status, response.Single("Allow")));
    }

    [Theory]
    [InlineData("""{"instance": {"guestAttributes": {"given": {"first": "1"}}}}""")]
    [InlineData("""{"instance": {"attributes": {"enable-guest-attributes": "FALSE"}}, "project": {"attributes": {"enable-guest-attributes": "TRUE"}}}""")]
    public async Task Send_SwitchedOff_Is403WithTheObservedTextAndAnEmptyObjectInRecursion(string claims)
    {
        await using var listener = await StartAsync(claims);

        foreach (var path in new[] { Guest, Guest + "given/", Guest + "given/first", Guest + "?recursive=true", V1 + "instance/guest-attributes" })
        {
            var get = await listener.GetAsync(path);
            Assert.Equal(
                ("HTTP/1.1 403 Forbidden", "Guest attributes endpoint access is disabled.", "Google"),
                (get.StatusLine, get.Body, get.Single("Metadata-Flavor")));
        }

        Assert.Equal(403, (await listener.PutAsync(Guest + "testing/key", "x")).Status);
        Assert.Equal(403, (await listener.SendAsync("DELETE", Guest + "given/first", "Metadata-Flavor: Google")).Status);
        Assert.Contains("guest-attributes/\n", (await listener.GetAsync(V1 + "instance/")).Body, StringComparison.Ordinal);
        Assert.Contains("\"guestAttributes\":{}", (await listener.GetAsync(V1 + "?recursive=true")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("TRUE")]
    [InlineData("True")]
    [InlineData("t")]
    [InlineData("yes")]
    [InlineData("Y")]
    [InlineData("1")]
    [InlineData("On")]
    public async Task Put_SwitchedOnByTheProject_IsKept(string word)
    {
        await using var listener = await StartAsync($$"""{"project": {"attributes": {"enable-guest-attributes": "{{word}}"} } }""");

        Assert.Equal(200, (await listener.PutAsync(Guest + "testing/key", "x")).Status);
        Assert.Equal(new(V1 + "instance/guest-attributes/{key}/{key}"), await listener.OutcomeAsync());
    }

    private Task<RawResponse> DeleteAsync(string name) => _listener.SendAsync("DELETE", Guest + name, "Metadata-Flavor: Google");

    private async Task<(int Status, string Body)> StatusAndBodyAsync(string target)
    {
        var response = await _listener.GetAsync(target);
        return (response.Status, response.Body);
    }
}
