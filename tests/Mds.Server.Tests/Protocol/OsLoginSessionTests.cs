using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary>Second factors, in the requests that guest-oslogin's PAM module sends.</summary>
public sealed class OsLoginSessionTests : IAsyncLifetime
{
    private const string Sessions = V1 + "oslogin/authenticate/sessions/";
    private const string Supported = "\"supportedChallengeTypes\":[\"INTERNAL_TWO_FACTOR\",\"SECURITY_KEY_OTP\",\"AUTHZEN\",\"TOTP\",\"IDV_PREREGISTERED_PHONE\"]";

    private MetadataListener _listener = null!;

    public async ValueTask InitializeAsync() => _listener = await StartAsync(Claims("TRUE"));

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    [Fact]
    public async Task Post_UserWithSecondFactors_IsAskedForOneAndThenAuthenticated()
    {
        var start = await PostAsync("start", $$"""{"email":"one@example.com",{{Supported}}}""");

        Assert.Equal((200, "application/json"), (start.Status, start.Single("Content-Type")));
        Assert.Matches(
            "^\\{\"status\":\"CHALLENGE_REQUIRED\",\"sessionId\":\"[0-9a-f]{32}\",\"challenges\":\\["
            + "\\{\"challengeId\":1,\"challengeType\":\"TOTP\",\"status\":\"READY\"\\},"
            + "\\{\"challengeId\":2,\"challengeType\":\"AUTHZEN\",\"status\":\"READY\"\\}\\]\\}$",
            start.Body);
        var session = start.Body.Split("\"sessionId\":\"")[1][..32];
        var right = await ContinueAsync(session, "\"challengeId\":1,\"action\":\"RESPOND\",\"proposalResponse\":{\"credential\":\"123456\"}");
        Assert.Equal((200, """{"status":"AUTHENTICATED"}"""), (right.Status, right.Body));
        foreach (var wrong in new[]
        {
            "\"challengeId\":1,\"action\":\"RESPOND\",\"proposalResponse\":{\"credential\":\"654321\"}",
            "\"challengeId\":1,\"action\":\"RESPOND\",\"proposalResponse\":{}",
            "\"challengeId\":1,\"action\":\"RESPOND\"",
            "\"challengeId\":1,\"action\":\"START_ALTERNATE\"",
        })
        {
            Assert.Contains("CHALLENGE_REQUIRED", (await ContinueAsync(session, wrong)).Body, StringComparison.Ordinal);
        }

        // A prompt on a telephone has nothing to type.
        Assert.Contains(
            "AUTHENTICATED", (await ContinueAsync(session, "\"challengeId\":2,\"action\":\"RESPOND\"")).Body, StringComparison.Ordinal);
        Assert.Equal(404, (await ContinueAsync(session, "\"challengeId\":3,\"action\":\"RESPOND\"")).Status);
        Assert.Equal(404, (await ContinueAsync("0123456789abcdef0123456789abcdef", "\"challengeId\":2")).Status);
    }

    [Theory]
    [InlineData($$"""{"email":"two@example.com",{{Supported}}}""")]
    [InlineData("""{"email":"one@example.com","supportedChallengeTypes":["IDV_PREREGISTERED_PHONE"]}""")]
    public async Task Post_UserWithoutASecondFactor_HasNoChallenges(string question) =>
        Assert.Equal("""{"status":"NO_AVAILABLE_CHALLENGES"}""", (await PostAsync("start", question)).Body);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("email=one@example.com")]
    [InlineData("{\"email\":\"\\ud800\"}")]
    public async Task Post_WhatIsNoQuestion_Is400(string body)
    {
        var response = await PostAsync("start", body);

        Assert.Equal("HTTP/1.1 400 Bad Request", response.StatusLine);
        Assert.Equal("Google", response.Single("Metadata-Flavor"));
    }

    [Fact]
    public async Task Post_SwitchedOffOrElsewhere_IsRefused()
    {
        await using var off = await StartAsync(Claims("FALSE"));
        Assert.Equal(404, (await off.SendAsync("POST", Sessions + "start", ["Metadata-Flavor: Google", "Content-Length: 2"], "{}")).Status);
        Assert.Equal(405, (await PostAsync("x", "{}")).Status);
        Assert.Equal(405, (await PostAsync("/continue", "{}")).Status);
        Assert.Equal(403, (await _listener.SendAsync("POST", Sessions + "start", "Content-Length: 0")).Status);
    }

    private Task<RawResponse> ContinueAsync(string session, string answer) =>
        PostAsync($"{session}/continue", $$"""{"email":"one@example.com",{{answer}}}""");

    private Task<RawResponse> PostAsync(string path, string body) => _listener.SendAsync(
        "POST", Sessions + path, ["Metadata-Flavor: Google", "Content-Type: application/json", $"Content-Length: {body.Length}"], body);

    private static string Claims(string enabled) => $$"""
        {"project": {"attributes": {"enable-oslogin": "{{enabled}}", "enable-oslogin-2fa": "TRUE"} },
         "oslogin": {
           "challenges": {"one@example.com": [{"challengeType": "TOTP", "credential": "123456"}, {"challengeType": "AUTHZEN"}]} } }
        """;
}
