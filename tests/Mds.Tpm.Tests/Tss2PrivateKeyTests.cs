using System.Security.Cryptography;

namespace Mds.Tpm.Tests;

public sealed class Tss2PrivateKeyTests
{
    [Theory]
    [InlineData("", "is empty")]
    [InlineData("just text", "holds no whole PEM block (-----BEGIN TSS2 PRIVATE KEY-----)")]
    [InlineData("-----BEGIN TSS2 PRIVATE KEY-----\nMAA=", "holds no whole PEM block")]
    [InlineData("-----BEGIN TSS2 PRIVATE KEY-----\nMAA=\n-----END TSS2 PRIVATE KEY-----", "is damaged")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----", "is a PEM block of another kind (CERTIFICATE)")]
    public void Parse_NoKeyFile_SaysWhatItIs(string text, string message) =>
        Assert.StartsWith($"The TPM key file key.pem {message}", Problem(text), StringComparison.Ordinal);

    [Fact]
    public void Parse_OrdinaryPrivateKey_SaysThatItIsInNoTpm()
    {
        using var rsa = RSA.Create(2048);
        Assert.Contains("is a key of the ordinary kind (PRIVATE KEY), which is in no TPM", Problem(rsa.ExportPkcs8PrivateKeyPem()), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ImportableKey_SaysHowToImportIt() => Assert.Contains(
        "is an importable key, which is in no TPM yet. Import it first (tpm2_import)", Problem(TestKeys.Text("importable.tss")), StringComparison.Ordinal);

    [Fact]
    public void Parse_EveryCutOffKeyFile_IsRefusedWithASentence()
    {
        var whole = TestKeys.Text("plain.tss");
        var bytes = Convert.FromBase64String(whole[PemEncoding.Find(whole).Base64Data]);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.StartsWith("The TPM key file key.pem ", Problem(PemEncoding.WriteString("TSS2 PRIVATE KEY", bytes.AsSpan(0, length))), StringComparison.Ordinal);
        }
    }

    private static string Problem(string text) => Assert.Throws<TpmException>(() => Tss2PrivateKey.Parse(text, "key.pem")).Message;
}
