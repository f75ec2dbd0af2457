using Google.Apis.Auth;

namespace Mds.Conformance.Tests;

/// <summary>The Google Cloud CLI, where it is installed.</summary>
public sealed class GcloudTests(Servers servers) : IClassFixture<Servers>
{
    [Theory]
    [InlineData(TokenOrigin.LocalIssuer)]
    [InlineData(TokenOrigin.ServiceAccountKey)]
    public async Task Gcloud_WithTheVariablesPrinted_IsLoggedInAndGetsTokens(TokenOrigin origin)
    {
        var gcloud = new Gcloud(servers.Home, (command, variables) => ChildProcess.RunAsync(
            ChildProcess.Describe(command[0], command[1..], servers.Home, [.. servers.For(origin).Variables, .. variables]),
            Gcloud.ToInstall));

        var (access, identity) = await gcloud.AssertFindsTheMachineAsync();

        Assert.NotEmpty(access);
        var payload = await JsonWebSignature.VerifySignedTokenAsync(
            identity, new() { CertificatesUrl = servers.CertificatesUrl(origin) }, TestContext.Current.CancellationToken);
        Assert.Equal(["https://service.example/path?with=query"], payload.AudienceAsList);
    }
}
