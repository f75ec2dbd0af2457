using System.Net;
using Mds.Server.Tests.Hosting;

namespace Mds.Tpm.Tests.Server;

/// <summary>What a server does whose TPM refuses, is slow, or is away.</summary>
public sealed class TroubleTests(SoftwareTpm tpm) : ServerWithTpm(tpm)
{
    [Fact]
    public async Task Token_WrongPassword_IsTriedOnceAndSaidEverywhereUntilTheFileChanges()
    {
        using var relay = new TpmRelay(Tpm);
        var password = Folder.Write("password", "not-the-password");
        await using var server = await StartAsync($"\"persistentHandle\": \"0x81010003\", \"keyPasswordFile\": \"{password}\"", relay.Address);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Identity)).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);

        const string Reason = "refused the password of the key";
        Assert.Equal(1, relay.Tries);
        Assert.Contains(Reason, (string?)(await server.CredentialStatusAsync())["message"], StringComparison.Ordinal);
        Assert.Equal("Failed", (string?)(await server.CredentialStatusAsync())["state"]);
        using var ready = await server.Admin.GetAsync("/readyz", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var sentence = await ready.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("The credential of the account \"default\" has been stopped. ", sentence, StringComparison.Ordinal);
        Assert.Contains(Reason, sentence, StringComparison.Ordinal);
        Assert.Contains(server.Log.Lines, line => line.Message.Contains(Reason, StringComparison.Ordinal));
        Assert.DoesNotContain("not-the-password", sentence + string.Concat(server.Log.Lines), StringComparison.Ordinal);

        Folder.Write("password", "key-password");
        await Eventually.TrueAsync(async () => (await server.TokenAsync()).Status == HttpStatusCode.OK, "the right password is used");
        Assert.Equal(HttpStatusCode.OK, (await server.Admin.GetAsync("/readyz", Cancellation)).StatusCode);
        Assert.Equal("Valid", (string?)(await server.CredentialStatusAsync())["state"]);
    }

    [Fact]
    public async Task Ready_PasswordThatBecomesWrong_OtherAccountsGoOnAndItIsSaid()
    {
        const string Other = "other@mds-tests.iam.gserviceaccount.com";
        using var relay = new TpmRelay(Tpm);
        var password = Folder.Write("password", "key-password");
        await using var server = await StartAsync(
            $"\"persistentHandle\": \"0x81010003\", \"keyPasswordFile\": \"{password}\"",
            relay.Address,
            $$$""", {"account": "{{{Other}}}", "static": {"accessToken": "of-another-account"} }""");
        await server.AccessTokenAsync();
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await ReadyAsync(server));
        var tries = relay.Tries;

        Folder.RenameOver("password", "not-the-password");
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Failed", "the password is refused");

        var (status, body) = await ReadyAsync(server);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("ok\nThe credential of the account \"default\" has been stopped. ", body, StringComparison.Ordinal);
        Assert.Equal("of-another-account", await server.AccessTokenAsync(Other));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/email")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);
        Assert.Equal(tries + 1, relay.Tries);
    }

    [Fact]
    public async Task Identity_PcrExtended_TheLogNamesItAndTheServerStaysReady()
    {
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010004\", \"pcrs\": [23]");
        var token = await server.AccessTokenAsync();
        Tpm.Run("tpm2_pcrextend", $"23:sha256={new string('1', 64)}");
        try
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Identity)).Status);
            Assert.Equal(token, await server.AccessTokenAsync());
            Assert.Contains(server.Log.Lines, line => line.Message.Contains(
                $"PCR 23 of the TPM {Tpm.Address} does not hold the value", StringComparison.Ordinal));
            Assert.Equal((HttpStatusCode.OK, "ok\n"), await ReadyAsync(server));
        }
        finally
        {
            Tpm.Run("tpm2_pcrreset", "23");
        }

        await Eventually.TrueAsync(async () => (await server.GetAsync(Identity)).Status == HttpStatusCode.OK, "signing goes on");
    }

    // One flight for each audience; whoever waits for the TPM waits without a thread.
    [Fact]
    public async Task Identity_ManyAudiencesAndATpmThatIsSlow_TheServerGoesOnAndAllAreServed()
    {
        const int Audiences = 100;
        using var relay = new TpmRelay(Tpm);
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"", relay.Address);
        await server.AccessTokenAsync();
        using var held = new ManualResetEventSlim();
        relay.Instead = command =>
        {
            held.Wait();
            return null;
        };
        var before = ThreadPool.ThreadCount;

        var asked = Enumerable.Range(0, Audiences).Select(i => server.GetAsync($"{Identity}/{i}")).ToList();
        await Eventually.TrueAsync(
            async () => (await server.MetricsAsync()).Contains($"mds_upstream_calls_total{{account=\"default\"}} {Audiences + 1}\n", StringComparison.Ordinal),
            "every audience is being asked for");
        Assert.Equal(Email, (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/email")).Body);
        Assert.InRange(ThreadPool.ThreadCount, 0, before + (Audiences / 2));

        held.Set();
        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Fact]
    public async Task Ready_TheOnlyAccountsPasswordBecomesWrong_SendsClientsElsewhere()
    {
        var password = Folder.Write("password", "key-password");
        await using var server = await StartAsync($"\"persistentHandle\": \"0x81010003\", \"keyPasswordFile\": \"{password}\"");
        await server.AccessTokenAsync();
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(server)).Status);

        Folder.Write("password", "not-the-password");

        await Eventually.TrueAsync(
            async () => await ReadyAsync(server) is (HttpStatusCode.ServiceUnavailable, var body)
                && body.Contains("has been stopped.", StringComparison.Ordinal),
            "the server says that it has no token to give");
    }

    // As an editor or a shell leaves it until it has written the rest: a try of the empty password would be counted.
    [Fact]
    public async Task Token_PasswordFileEmptied_TheKeyStaysInUseAndNothingIsTried()
    {
        using var relay = new TpmRelay(Tpm);
        var password = Folder.Write("password", "key-password");
        await using var server = await StartAsync($"\"persistentHandle\": \"0x81010003\", \"keyPasswordFile\": \"{password}\"", relay.Address);
        var token = await server.AccessTokenAsync();
        var tries = relay.Tries;

        Folder.Write("password", "\n");
        await Eventually.TrueAsync(
            async () => ((string?)(await server.CredentialStatusAsync())["message"])?.Contains(
                $"The file {password} is empty; a password was expected.", StringComparison.Ordinal) is true,
            "the file is refused");

        Assert.Equal(token, await server.AccessTokenAsync());
        Assert.Equal(tries, relay.Tries);
    }

    // A rollout must not get past its first pod before that has tried the password.
    [Fact]
    public async Task Ready_PasswordNotTriedYet_IsNotReady()
    {
        using var relay = new TpmRelay(Tpm);
        using var held = new ManualResetEventSlim();
        relay.Instead = _ =>
        {
            held.Wait();
            return null;
        };
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"", relay.Address);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The key of the account default has not been tried yet.\n"), await ReadyAsync(server));

        held.Set();
        await Eventually.TrueAsync(async () => (await ReadyAsync(server)).Status == HttpStatusCode.OK, "the key is tried");
    }

    [Fact]
    public async Task Token_TpmGoneAndBack_CachedTokensGoOnAndSigningRecovers()
    {
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"");
        var token = await server.AccessTokenAsync();

        Tpm.Stop();
        try
        {
            Assert.Equal(token, await server.AccessTokenAsync());
            var (status, body) = await server.GetAsync(Identity);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);
            Assert.Contains(server.Log.Lines, line => line.Message.Contains("No TPM can be reached at", StringComparison.Ordinal)
                || line.Message.Contains("went away", StringComparison.Ordinal));
        }
        finally
        {
            Tpm.Start();
        }

        await Eventually.TrueAsync(async () => (await server.GetAsync(Identity)).Status == HttpStatusCode.OK, "signing goes on");
        Assert.Equal(token, await server.AccessTokenAsync());
    }

    [Fact]
    public async Task Token_DeviceUnpluggedAndBack_CachedTokensGoOnAndSigningRecovers()
    {
        using var device = new TpmDevice(Tpm);
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"", device.Address);
        var token = await server.AccessTokenAsync();

        device.Unplug();
        Assert.Equal(token, await server.AccessTokenAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Identity)).Status);
        Assert.Contains(server.Log.Lines, line => line.Message.Contains($"There is no TPM at {device.Address}", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await ReadyAsync(server));

        device.Plug();
        await Eventually.TrueAsync(async () => (await server.GetAsync(Identity)).Status == HttpStatusCode.OK, "signing goes on");
        Assert.Equal(token, await server.AccessTokenAsync());
    }
}
