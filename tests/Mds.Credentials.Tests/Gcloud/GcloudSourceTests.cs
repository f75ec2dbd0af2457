using StandIns;

namespace Mds.Credentials.Tests.Gcloud;

/// <summary>With a program in gcloud's place that prints what gcloud 528 prints.</summary>
public sealed class GcloudSourceTests : IDisposable
{
    private const string Account = "app@my-project.iam.gserviceaccount.com";

    private readonly string _folder = Directory.CreateTempSubdirectory("mds-gcloud-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task GetAccessToken_LoggedIn_WithItsExpiry()
    {
        var source = Source(
            """
            [ "$*" = "config config-helper --format=json --min-expiry=10m --configuration=work" ] || exit 9
            [ "$CLOUDSDK_CONFIG" = FOLDER ] && [ "$CLOUDSDK_CORE_CHECK_GCE_METADATA" = False ] || exit 8
            echo '{"configuration": {"active_configuration": "work"}, "credential": {"access_token": "ya29.a", "token_expiry": "2030-01-02T03:04:05Z"}}'
            """);

        var token = await source.GetAccessTokenAsync(["ignored"], Cancellation);

        Assert.Equal(new AccessToken("ya29.a", new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero)), token);
        Assert.Equal(new TokenSourceDescription("gcloud", Account, "my-project"), source.Describe());
    }

    [Theory]
    [InlineData(Account, "auth print-identity-token --audiences=https://x --configuration=work")]
    [InlineData("person@example.com", "auth print-identity-token --configuration=work")]
    public async Task GetIdentityToken_Audience_IsForServiceAccountsOnly(string account, string arguments)
    {
        using var outside = new OutsideIssuer();
        var jwt = outside.Token();

        var token = await Source($"[ \"$*\" = \"{arguments}\" ] || exit 9\necho {jwt}", account).GetIdentityTokenAsync(new("https://x"), Cancellation);

        Assert.Equal(jwt, token.Value);
    }

    [Theory]
    [InlineData(
        "echo 'ERROR: (gcloud.config.config-helper) There was a problem refreshing your current auth tokens: (invalid_grant: Bad Request)' >&2; exit 1",
        TokenSourceFault.Rejected,
        "gcloud config config-helper failed: ERROR: (gcloud.config.config-helper) There was a problem refreshing your current auth tokens: (invalid_grant: Bad Request). Log in again: gcloud auth login.")]
    [InlineData("echo 'ERROR: gcloud crashed (TransportError): no network' >&2; exit 1", TokenSourceFault.Unavailable, "gcloud config config-helper failed: ERROR: gcloud crashed (TransportError): no network.")]
    [InlineData("echo nonsense", TokenSourceFault.Unavailable, "gcloud config config-helper did not print a token that can be read; gcloud components update may help.")]
    [InlineData("""echo '{"credential": {"access_token": null, "token_expiry": "2030-01-02T03:04:05Z"}}'""", TokenSourceFault.Unavailable, "gcloud config config-helper did not print a token that can be read; gcloud components update may help.")]
    [InlineData("""echo '{"credential": {"access_token": "ya29.secret", "token_expiry": null}}'""", TokenSourceFault.Unavailable, "gcloud config config-helper did not print a token that can be read; gcloud components update may help.")]
    [InlineData("echo 'ERROR: token ya29.c0secret_secret-secret was bad' >&2; exit 1", TokenSourceFault.Unavailable, "gcloud config config-helper failed: ERROR: token (token) was bad.")]
    public async Task GetAccessToken_GcloudFails_SaysWhatItSaid(string script, TokenSourceFault fault, string sentence)
    {
        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => Source(script).GetAccessTokenAsync([], Cancellation));

        Assert.Equal((fault, sentence), (failure.Fault, failure.Message));
    }

    [Fact]
    public async Task GetAccessToken_NoGcloud_SaysSo()
    {
        var source = new GcloudSource(new("work", Account, null), _folder, TimeProvider.System, Path.Combine(_folder, "none"));

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], Cancellation));

        Assert.Equal(TokenSourceFault.Unusable, failure.Fault);
        Assert.EndsWith("Install the Google Cloud CLI, and see that it is on PATH.", failure.Message);
    }

    [Theory]
    [InlineData("[core]\naccount = a@b\nproject = p\n[compute]\nproject = no\n", "a@b", "p")]
    [InlineData("[compute]\nregion=x\n[core]\naccount=a@b\n", "a@b", null)]
    public void Read_File_TakesTheCoreSection(string text, string account, string? project) => Assert.Equal(
        new GcloudConfiguration("work", account, project), GcloudConfiguration.Read("work", text, new Dictionary<string, string>()));

    [Fact]
    public void Read_Variables_WinAndNoAccountSaysWhatToDo()
    {
        var variables = new Dictionary<string, string> { ["CLOUDSDK_CORE_ACCOUNT"] = "v@b", ["CLOUDSDK_CORE_PROJECT"] = "" };

        Assert.Equal(new GcloudConfiguration("work", "v@b", "p"), GcloudConfiguration.Read("work", "[core]\naccount = a@b\nproject = p\n", variables));
        var failure = Assert.Throws<TokenSourceException>(() => GcloudConfiguration.Read("work", "", new Dictionary<string, string>()));
        Assert.Equal("The configuration \"work\" of gcloud has no account. Log in: gcloud auth login --configuration=work.", failure.Message);
    }

    private GcloudSource Source(string script, string account = Account)
    {
        var path = Path.Combine(_folder, "gcloud");
        File.WriteAllText(path, $"#!/bin/sh\n{script.Replace("FOLDER", _folder, StringComparison.Ordinal)}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new GcloudSource(new("work", account, "my-project"), _folder, TimeProvider.System, path);
    }
}
