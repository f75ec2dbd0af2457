using System.Security.Cryptography;

namespace Mds.Tpm.Tests;

public sealed class SigningTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    [Theory]
    [InlineData(TestKeys.Plain, null, new int[0], false)]
    [InlineData(TestKeys.WithPassword, "key-password", new int[0], false)]
    [InlineData(TestKeys.WithPcr, null, new[] { 23 }, false)]
    [InlineData(TestKeys.EndorsedPassword, "key-password", new int[0], true)]
    [InlineData(TestKeys.EndorsedPcr, null, new[] { 23 }, true)]
    public async Task SignHash_PersistentHandle_VerifiesOutsideTheTpm(uint handle, string? password, int[] pcrs, bool endorsed)
    {
        foreach (var name in new[] { null, TestKeys.EndorsementName })
        {
            using var key = Signing.Open(new TpmKeyOptions
            {
                Address = tpm.Address,
                PersistentHandle = handle,
                KeyPassword = System.Text.Encoding.UTF8.GetBytes(password ?? ""),
                Pcrs = pcrs,
                EndorsementParent = endorsed,
                SessionEncryptionName = name,
            });
            await Signing.SignAndVerifyAsync(key);
            await Signing.SignAndVerifyAsync(key);
        }
    }

    [Theory]
    [InlineData("plain", null, new int[0], false)]
    [InlineData("pass", "key-password", new int[0], false)]
    [InlineData("policy-password", "key-password", new int[0], false)]
    [InlineData("pcr", null, new[] { 23 }, false)]
    [InlineData("pcrs", null, new[] { 16, 23 }, false)]
    [InlineData("pcr-or-none", null, new[] { 23 }, false)]
    [InlineData("pcr-or-none", null, new int[0], false)]
    [InlineData("ek-password", "key-password", new int[0], true)]
    [InlineData("ek-pcr", null, new[] { 23 }, true)]
    [InlineData("any-scheme", null, new int[0], false)]
    public async Task SignHash_KeyFile_VerifiesOutsideTheTpm(string file, string? password, int[] pcrs, bool endorsed)
    {
        foreach (var name in new[] { null, TestKeys.EndorsementName })
        {
            using var key = Signing.Open(new TpmKeyOptions
            {
                Address = tpm.Address,
                KeyFile = TestKeys.KeyFile(file),
                KeyPassword = System.Text.Encoding.UTF8.GetBytes(password ?? ""),
                Pcrs = pcrs,
                EndorsementParent = endorsed,
                SessionEncryptionName = name,
            });
            await Signing.SignAndVerifyAsync(key, file == "any-scheme" ? file : "sa");
            await Signing.SignAndVerifyAsync(key, file == "any-scheme" ? file : "sa");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SignHash_BelowPersistentParent_ProvesBothPasswords(bool encrypted)
    {
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = tpm.Address,
            KeyFile = TestKeys.KeyFile("below"),
            KeyPassword = TestKeys.KeyPassword,
            ParentPassword = TestKeys.ParentPassword,
            SessionEncryptionName = encrypted ? TestKeys.EndorsementName : null,
        });
        await Signing.SignAndVerifyAsync(key);
    }

    // The storage key made from the template is the same with a password as without, so that the password protects nothing.
    [Theory]
    [InlineData("")]
    [InlineData("anything")]
    public async Task SignHash_BelowTemplateParent_AnyParentPasswordWillDo(string password)
    {
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = tpm.Address,
            KeyFile = TestKeys.KeyFile("plain"),
            ParentPassword = System.Text.Encoding.UTF8.GetBytes(password),
        });
        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task Fingerprint_BothKindsOfKey_IsThatOfOpenssl()
    {
        var expected = tpm.Run(
            "sh", "-c", $"openssl pkey -pubin -in {TestKeys.Folder}/sa.pub.pem -outform DER | openssl dgst -sha256 -r").Split(' ')[0];
        using var file = Signing.Open(new TpmKeyOptions { Address = tpm.Address, KeyFile = TestKeys.KeyFile("plain") });
        using var handle = Signing.Open(new TpmKeyOptions { Address = tpm.Address, PersistentHandle = TestKeys.Plain });

        Assert.Equal(expected, file.Fingerprint);
        Assert.Null(handle.Fingerprint);
        await Signing.SignAndVerifyAsync(handle);
        Assert.Equal(expected, handle.Fingerprint);
    }

    [Fact]
    public void TpmRsa_UsedAsAnyRsa_SignsVerifiesAndKeepsItsPrivateKey()
    {
        using var key = Signing.Open(new TpmKeyOptions { Address = tpm.Address, PersistentHandle = TestKeys.Plain });
        using var rsa = new TpmRsa(key);
        using var verifier = TestKeys.Verifier();
        var text = "text"u8.ToArray();

        var signature = rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Assert.True(verifier.VerifyData(text, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.True(rsa.VerifyData(text, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Equal(2048, rsa.KeySize);
        Assert.Equal(verifier.ExportSubjectPublicKeyInfoPem(), rsa.ExportSubjectPublicKeyInfoPem());
        Assert.Throws<CryptographicException>(() => rsa.ExportParameters(includePrivateParameters: true));
        Assert.Throws<CryptographicException>(() => rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    [Fact]
    public void SignHash_OtherHashes_AreSignedWhereTheKeyHasNoFixedScheme()
    {
        using var key = Signing.Open(new TpmKeyOptions { Address = tpm.Address, KeyFile = TestKeys.KeyFile("any-scheme") });
        using var rsa = new TpmRsa(key);
        using var verifier = TestKeys.Verifier("any-scheme");
        foreach (var hash in new[] { HashAlgorithmName.SHA384, HashAlgorithmName.SHA512 })
        {
            var text = "text"u8.ToArray();
            var signature = rsa.SignData(text, hash, RSASignaturePadding.Pkcs1);
            Assert.True(verifier.VerifyData(text, signature, hash, RSASignaturePadding.Pkcs1));
        }
    }
}
