namespace Mds.Tpm.Tests;

public sealed class PasswordTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    [Theory]
    [InlineData("pass", "wrong", false)]
    [InlineData("pass", "", false)]
    [InlineData("pass", "wrong", true)]
    [InlineData("policy-password", "wrong", false)]
    [InlineData("ek-password", "wrong", true)]
    public async Task SignHash_WrongKeyPassword_IsRefusedOnceAndNeverTriedAgain(string file, string password, bool encrypted)
    {
        using var relay = new TpmRelay(tpm);
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = relay.Address,
            KeyFile = TestKeys.KeyFile(file),
            KeyPassword = System.Text.Encoding.UTF8.GetBytes(password),
            EndorsementParent = file.StartsWith("ek", StringComparison.Ordinal),
            SessionEncryptionName = encrypted ? TestKeys.EndorsementName : null,
        });

        var refusals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Signing.RefusalAsync(key)));

        Assert.All(refusals, refusal => Assert.Equal(TpmFault.PasswordRefused, refusal.Fault));
        Assert.Contains(password.Length > 0 ? "(keyPassword): it is wrong" : "refused to do without a password", refusals[0].Message, StringComparison.Ordinal);
        Assert.Matches("It has counted [0-9]+ wrong passwords?, and locks at 32 for everybody", refusals[0].Message);
        Assert.Contains("until the settings", refusals[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-", refusals[0].Message, StringComparison.Ordinal);
        Assert.Equal(refusals[0].Message, key.Refusal?.Message);
        Assert.Equal(1, relay.Tries);
    }

    // How many tries are left is asked after the refusal; that this cannot be told does not make it another one.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SignHash_WrongPasswordToATpmThatThenGoesAway_IsRefusedOnceAllTheSame(bool closes)
    {
        const uint GetCapability = 0x17A;
        using var relay = new TpmRelay(tpm);
        relay.Instead = command => relay.Tries == 0 || TpmRelay.CodeOf(command) != GetCapability ? null
            : closes ? throw new IOException("gone") : TpmRelay.Refusal(0);
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = relay.Address, PersistentHandle = TestKeys.WithPassword, KeyPassword = "wrong"u8.ToArray(),
        });

        var refusals = new[] { await Signing.RefusalAsync(key), await Signing.RefusalAsync(key) };

        Assert.All(refusals, refusal => Assert.Equal(TpmFault.PasswordRefused, refusal.Fault));
        Assert.Contains("It counts wrong passwords, and locks for everybody. ", refusals[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, relay.Tries);
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task SignHash_WrongParentPassword_IsRefusedOnceAndNeverTriedAgain(string password)
    {
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = tpm.Address,
            KeyFile = TestKeys.KeyFile("below"),
            KeyPassword = TestKeys.KeyPassword,
            ParentPassword = System.Text.Encoding.UTF8.GetBytes(password),
        });

        var refusal = await Signing.RefusalAsync(key);

        Assert.Equal(TpmFault.PasswordRefused, refusal.Fault);
        Assert.Contains("the key's parent", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(refusal.Message, (await Signing.RefusalAsync(key)).Message);
    }

    [Theory]
    [InlineData("ek-password", false)]
    [InlineData("ek-password", true)]
    [InlineData("pass", true)]
    [InlineData(null, true)]
    public async Task SignHash_EndorsementPassword_IsProvenWhereTheEndorsementKeyIsUsed(string? file, bool encrypted)
    {
        tpm.Run("tpm2_changeauth", "-c", "e", "endorsement-password");
        try
        {
            var options = new TpmKeyOptions
            {
                Address = tpm.Address,
                KeyFile = file is null ? null : TestKeys.KeyFile(file),
                PersistentHandle = file is null ? TestKeys.WithPassword : null,
                KeyPassword = TestKeys.KeyPassword,
                ParentPassword = "endorsement-password"u8.ToArray(),
                EndorsementParent = file == "ek-password",
                SessionEncryptionName = encrypted ? TestKeys.EndorsementName : null,
            };
            using (var key = Signing.Open(options))
            {
                await Signing.SignAndVerifyAsync(key);
            }

            var refusal = await Signing.RefusalAsync(options with { ParentPassword = "wrong"u8.ToArray() });
            Assert.Equal(TpmFault.PasswordRefused, refusal.Fault);
            Assert.Contains("the endorsement hierarchy (parentPassword)", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            tpm.Run("tpm2_changeauth", "-c", "e", "-p", "endorsement-password");
        }
    }

    // The empty password of a key without one is no secret; every other is proven by HMAC and never sent.
    [Theory]
    [InlineData("below")]
    [InlineData("pass")] // its parent is made of a template, to which its password would have to be sent
    public async Task SignHash_WithoutEncryption_SendsNoPassword(string file)
    {
        using var relay = new TpmRelay(tpm);
        using (var key = Signing.Open(new TpmKeyOptions
        {
            Address = relay.Address,
            KeyFile = TestKeys.KeyFile(file),
            KeyPassword = TestKeys.KeyPassword,
            ParentPassword = TestKeys.ParentPassword,
        }))
        {
            await Signing.SignAndVerifyAsync(key);
        }

        Assert.DoesNotContain(relay.Commands, command => command.AsSpan().IndexOf(TestKeys.KeyPassword) >= 0);
        Assert.DoesNotContain(relay.Commands, command => command.AsSpan().IndexOf(TestKeys.ParentPassword) >= 0);
    }
}
