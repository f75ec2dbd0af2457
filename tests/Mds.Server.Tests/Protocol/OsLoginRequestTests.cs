using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary>OS Login, in the requests that guest-oslogin sends.</summary>
public sealed class OsLoginRequestTests : IAsyncLifetime
{
    private const string User1 = """{"name":"one@example.com","posixAccounts":[{"primary":true,"username":"one","uid":1001,"gid":1001,"homeDirectory":"/home/one","shell":"/bin/bash"}],"sshPublicKeys":{"fp1":{"key":"ssh-ed25519 AAAA","expirationTimeUsec":"1"}}}""";
    private const string User2 = """{"name":"two@example.com","posixAccounts":[{"username":"two","uid":1002,"gid":1001}]}""";
    private const string User3 = """{"name":"three@example.com","posixAccounts":[{"username":"three","uid":1003,"gid":1001}]}""";

    private MetadataListener _listener = null!;

    public async ValueTask InitializeAsync() => _listener = await StartAsync(Claims("TRUE"));

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    [Theory]
    [InlineData("users?username=one", $$"""{"loginProfiles":[{{User1}}]}""")]
    [InlineData("users?uid=1002", $$"""{"loginProfiles":[{{User2}}]}""")]
    [InlineData("users?pagesize=2", $$"""{"loginProfiles":[{{User1}},{{User2}}],"nextPageToken":"2"}""")]
    [InlineData("users?pagesize=2&pagetoken=2", $$"""{"loginProfiles":[{{User3}}],"nextPageToken":"0"}""")]
    [InlineData("users?pagesize=2&pagetoken=999999999999", $$"""{"loginProfiles":[{{User1}},{{User2}}],"nextPageToken":"2"}""")]
    [InlineData("users?pagesize=2147483647&pagetoken=2147483647", """{"loginProfiles":[],"nextPageToken":"0"}""")]
    [InlineData("users?groupname=admins&pagesize=1", """{"usernames":["one"],"nextPageToken":"1"}""")]
    [InlineData("groups?groupname=admins", """{"posixGroups":[{"name":"admins","gid":2001}]}""")]
    [InlineData("groups?gid=2002", """{"posixGroups":[{"name":"users","gid":2002}]}""")]
    [InlineData("groups?pagesize=1", """{"posixGroups":[{"name":"admins","gid":2001}],"nextPageToken":"1"}""")]
    [InlineData("groups?email=two%40example.com", """{"posixGroups":[{"name":"admins","gid":2001}],"nextPageToken":"0"}""")]
    [InlineData("groups?email=three@example.com", """{"posixGroups":[],"nextPageToken":"0"}""")]
    [InlineData("authorize?email=one@example.com&policy=login", """{"success":true}""")]
    [InlineData("authorize?email=one@example.com&policy=adminLogin", """{"success":true}""")]
    [InlineData("authorize?email=two@example.com&policy=login&fingerprint=f", """{"success":true}""")]
    [InlineData("authorize?email=two@example.com&policy=adminLogin", """{"success":false}""")]
    [InlineData("authorize", """{"success":false}""")]
    public async Task Get_Query_IsAnsweredFromTheClaims(string query, string json)
    {
        var response = await _listener.GetAsync(V1 + "oslogin/" + query);

        Assert.Equal((200, json, "application/json"), (response.Status, response.Body, response.Single("Content-Type")));
    }

    [Theory]
    [InlineData("users?username=nobody")]
    [InlineData("users?uid=1")]
    [InlineData("users?groupname=nobody")]
    [InlineData("groups?groupname=nobody")]
    [InlineData("groups?gid=1")]
    [InlineData("users/?username=one")]
    [InlineData("certificates")]
    [InlineData("certificates?pagesize=1")]
    public async Task Get_NobodyOfThatName_Is404(string query) =>
        Assert.Equal(404, (await _listener.GetAsync(V1 + "oslogin/" + query)).Status);

    [Fact]
    public async Task Get_RecursionAndListing_LeaveTheLookUpsOut()
    {
        Assert.Equal("""{"authenticate":{"sessions":{}}}""", (await _listener.GetAsync(V1 + "oslogin/?recursive=true")).Body);
        Assert.Equal("authenticate/\n", (await _listener.GetAsync(V1 + "oslogin/")).Body);
        Assert.Equal(400, (await _listener.GetAsync(V1 + "oslogin/users?pagesize=1&wait_for_change=true")).Status);
    }

    // The name service takes 404 for "OS Login is not used here".
    [Theory]
    [InlineData("FALSE")]
    [InlineData("")]
    public async Task Get_SwitchedOff_Is404(string enabled)
    {
        await using var listener = await StartAsync(Claims(enabled));

        foreach (var query in new[] { "users?pagesize=1", "users?username=one", "groups?pagesize=1", "authorize?email=one@example.com&policy=login" })
        {
            Assert.Equal(404, (await listener.GetAsync(V1 + "oslogin/" + query)).Status);
        }

        Assert.Equal("""{"authenticate":{"sessions":{}}}""", (await listener.GetAsync(V1 + "oslogin/?recursive=true")).Body);
    }

    private static string Claims(string enabled) => $$"""
        {"project": {"attributes": {"enable-oslogin": "{{enabled}}"} },
         "oslogin": {
           "users": [{{User1}}, {{User2}}, {{User3}}],
           "groups": [
             {"name": "admins", "gid": 2001, "members": ["one", "two"]},
             {"name": "users", "gid": "2002", "members": []}],
           "authorize": {"login": ["one@example.com", "two@example.com"], "adminLogin": ["one@example.com"]},
           "challenges": {"one@example.com": [{"challengeType": "TOTP", "credential": "123456"}, {"challengeType": "AUTHZEN"}]} } }
        """;
}
