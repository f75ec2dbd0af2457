using System.Text.Json;
using Google.Apis.Auth;

namespace Mds.Conformance.Tests;

/// <summary>Google's own clients, given nothing but the variables that the server prints.</summary>
public sealed class ClientTests(Servers servers) : IClassFixture<Servers>
{
    private const string Audience = "https://service.example/path?with=query";

    [Theory]
    [InlineData(TokenOrigin.LocalIssuer)]
    [InlineData(TokenOrigin.ServiceAccountKey)]
    public async Task Python_GoogleAuth_GetsAll(TokenOrigin origin)
    {
        var report = await RunAsync(
            origin,
            "/usr/bin/python3",
            [Built.File("python/client.py"), Audience],
            "google-auth for the system's Python (Debian: apt-get install python3-google-auth python3-requests)");

        Assert.Equal(("conformance-project", "conformance"), (report.Project, report.Attribute));
        Assert.Equal("projects/918273645546/zones/europe-west1-b", report.Zone);
        await AssertCredentialsAsync(report, origin);
    }

    [Theory]
    [InlineData(TokenOrigin.LocalIssuer)]
    [InlineData(TokenOrigin.ServiceAccountKey)]
    public async Task Node_GoogleAuthLibrary_GetsAll(TokenOrigin origin)
    {
        var report = await RunAsync(
            origin, "node", [Built.File("node/client.mjs"), await NodePackages.FolderAsync(), Audience], NodePackages.ToInstall);

        Assert.Equal("google-auth-library 10.9.1", report.Client);
        Assert.Equal(("conformance-project", "conformance"), (report.Project, report.Attribute));
        Assert.Equal("projects/918273645546/zones/europe-west1-b", report.Zone);
        await AssertCredentialsAsync(report, origin);
    }

    [Theory]
    [InlineData(TokenOrigin.LocalIssuer)]
    [InlineData(TokenOrigin.ServiceAccountKey)]
    public async Task DotNet_GoogleApisAuth_GetsAll(TokenOrigin origin)
    {
        var report = await RunAsync(origin, "dotnet", [Built.Assembly("google-auth-client"), Audience], "the .NET SDK");

        await AssertCredentialsAsync(report, origin);
    }

    private async Task<ClientReport> RunAsync(TokenOrigin origin, string program, string[] arguments, string toInstall)
    {
        var output = await ChildProcess.RunAsync(
            ChildProcess.Describe(program, arguments, servers.Home, servers.For(origin).Variables), toInstall);
        return JsonSerializer.Deserialize<ClientReport>(output, JsonSerializerOptions.Web)!;
    }

    private async Task AssertCredentialsAsync(ClientReport report, TokenOrigin origin)
    {
        Assert.True(report.Detected);
        Assert.Equal(Servers.Email, report.Email);
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
