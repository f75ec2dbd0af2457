using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mds.Credentials.Tests.Upstream;

/// <summary>Another metadata server, and whatever else may answer in its place.</summary>
public sealed class UpstreamSourceTests : IAsyncDisposable
{
    private readonly WebApplication _server;
    private int _status = 200;
    private string _answer = "";

    public UpstreamSourceTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Urls.Add("http://127.0.0.1:0");
        _server.Map("/{**path}", (HttpResponse response) =>
        {
            response.Headers["Metadata-Flavor"] = "Google";
            return Results.Text(_answer, statusCode: _status);
        });
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task GetAccessToken_Answered_WithItsEnd()
    {
        _answer = """{"access_token": "t", "expires_in": 100, "token_type": "Bearer"}""";
        var time = new ManualTime();

        Assert.Equal(new AccessToken("t", time.GetUtcNow().AddSeconds(100)), await (await SourceAsync(time)).GetAccessTokenAsync([], Cancellation));
    }

    [Theory]
    [InlineData("""{"access_token": null, "expires_in": 100}""")]
    [InlineData("""{"access_token": "", "expires_in": 100}""")]
    [InlineData("""{"access_token": "secret"}""")]
    [InlineData("""{"access_token": "secret", "expires_in": "soon"}""")]
    [InlineData("""{"access_token": "secret", "expires_in": -1}""")]
    [InlineData("""{"access_token": "secret", "expires_in": 9223372036854775807}""")]
    [InlineData("""{"access_token": "secret", "expires_in": 1e300}""")]
    [InlineData("""["secret"]""")]
    [InlineData("secret")]
    public async Task GetAccessToken_AnswerIsNoToken_UnavailableInASentence(string answer)
    {
        _answer = answer;
        var source = await SourceAsync(TimeProvider.System);

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], Cancellation));

        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.EndsWith(" answered without a token that can be read.", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, TokenSourceFault.Missing, TokenSourceFault.NotOffered)]
    [InlineData(403, TokenSourceFault.Rejected, TokenSourceFault.Rejected)]
    [InlineData(503, TokenSourceFault.Unavailable, TokenSourceFault.Unavailable)]
    public async Task GetTokens_Refused_SaysHow(int status, TokenSourceFault access, TokenSourceFault identity)
    {
        _status = status;
        var source = await SourceAsync(TimeProvider.System);

        Assert.Equal(access, (await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], Cancellation))).Fault);
        Assert.Equal(identity, (await Assert.ThrowsAsync<TokenSourceException>(() => source.GetIdentityTokenAsync(new("a"), Cancellation))).Fault);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<UpstreamSource> SourceAsync(TimeProvider time)
    {
        await _server.StartAsync(Cancellation);
        return new(new UpstreamMetadata(new Uri(_server.Urls.First()).Authority), "default", time);
    }
}
