using Google.Apis.Auth;

namespace Mds.Conformance.Tests;

/// <summary>Google's own clients, given nothing but the variables that the server prints.</summary>
public sealed class ClientTests(Servers servers) : IClassFixture<Servers>
{
    private const string Audience = "https://service.example/path?with=query";

    public static TheoryData<string, TokenOrigin> Clients => 
        [.. from client in Client.WithVariables from origin in Enum.GetValues<TokenOrigin>() select (client, origin)];

    public static TheoryData<string> ClientsWithVariables => [.. Client.WithVariables];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Client_WithTheVariablesPrinted_GetsAll(string name, TokenOrigin origin)
    {
        var client = Client.Named(name);
        var command = await client.CommandAsync(Audience);
        var output = await ChildProcess.RunAsync(
            ChildProcess.Describe(command[0], command[1..], servers.Home, servers.For(origin).Variables), client.ToInstall);

        await AssertCredentialsAsync(client.Read(output), origin);
    }

    // Python, Node and .NET send what they ask a metadata server to the proxy too, unless they are told not to.
    [Theory]
    [MemberData(nameof(ClientsWithVariables))]
    public async Task Client_BehindAProxyThatItIsToldToLeaveOut_AsksTheServerItself(string name)
    {
        const string NobodyListens = "http://127.0.0.1:1";
        var client = Client.Named(name);
        var command = await client.CommandAsync(Audience);
        var start = ChildProcess.Describe(command[0], command[1..], servers.Home,
            [.. servers.For(TokenOrigin.LocalIssuer).Variables, new("HTTP_PROXY", NobodyListens), new("http_proxy", NobodyListens)]);
        Assert.Equal("127.0.0.1", start.Environment["NO_PROXY"]);

        var report = client.Read(await ChildProcess.RunAsync(start, client.ToInstall));

        await AssertCredentialsAsync(report, TokenOrigin.LocalIssuer);
    }

    [Fact]
    public async Task DotNet_EachFormatOfIdentityTokens_IsWhatItAsksFor()
    {
        var client = Client.Named("Google.Apis.Auth (.NET)");
        var command = await client.CommandAsync(Audience);
        var output = await ChildProcess.RunAsync(
            ChildProcess.Describe(command[0], command[1..], servers.Home, servers.For(TokenOrigin.LocalIssuer).Variables), client.ToInstall);

        var tokens = client.Read(output).IdentityTokens!.ToDictionary(
            token => token.Key, token => UnverifiedToken.Payload(token.Value));

        Assert.Equal(["Full", "FullWithLicences", "Standard"], tokens.Keys.Order());
        Assert.All(tokens.Values, payload => Assert.Equal(Audience, (string?)payload["aud"]));
        Assert.Null(tokens["Standard"]["google"]);
        Assert.Null(tokens["Full"]["google"]!["compute_engine"]!["license_id"]);
        Assert.Equal("5543610867827062957", (string?)tokens["FullWithLicences"]["google"]!["compute_engine"]!["license_id"]![0]);
    }

    private async Task AssertCredentialsAsync(ClientReport report, TokenOrigin origin)
    {
        var payload = await JsonWebSignature.VerifySignedTokenAsync(
            report.IdentityToken,
            new() { CertificatesUrl = servers.CertificatesUrl(origin), TrustedAudiences = { Audience } },
            TestContext.Current.CancellationToken);
        Assert.InRange(payload.ExpirationTimeSeconds!.Value - payload.IssuedAtTimeSeconds!.Value, 3595, 3600);
        if (origin is TokenOrigin.ServiceAccountKey)
        {
            Assert.True(servers.IssuedByGoogle.Contains(report.AccessToken), "The access token is not one that was issued.");
            Assert.True(servers.IssuedByGoogle.Contains(report.IdentityToken), "The identity token is not one that was issued.");
        }
        else
        {
            Assert.Equal(servers.For(origin).Admin, payload.Issuer);
            var access = await JsonWebSignature.VerifySignedTokenAsync(
                report.AccessToken,
                new() { CertificatesUrl = servers.CertificatesUrl(origin) },
                TestContext.Current.CancellationToken);
            Assert.Equal(payload.Subject, access.Subject);
        }
    }
}
