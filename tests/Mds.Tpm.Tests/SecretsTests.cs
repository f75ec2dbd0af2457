using System.Text;

namespace Mds.Tpm.Tests;

public sealed class SecretsTests
{
    [Fact]
    public void Dispose_SecretBytes_AreZero()
    {
        var secret = SecretBytes.Password("secret"u8);
        var bytes = secret.Span;
        Assert.Equal("secret", Encoding.ASCII.GetString(bytes));

        secret.Dispose();

        Assert.All(bytes.ToArray(), value => Assert.Equal(0, value));
    }

    // As the TPM keeps them (Part 1, 19.6.4.3): otherwise a password that ends in a zero byte would never be right.
    [Fact]
    public void Password_ZeroBytesAtTheEnd_AreLeftOut() => Assert.Equal("a\0b", Encoding.ASCII.GetString(SecretBytes.Password("a\0b\0\0"u8).Span));

    [Fact]
    public void ToString_OptionsAndKey_NameNoPassword()
    {
        var options = new TpmKeyOptions { PersistentHandle = 0x81010002, KeyPassword = "secret"u8.ToArray() };
        using var key = new TpmKey(options, TimeProvider.System);

        Assert.Equal("handle 0x81010002 of /dev/tpmrm0", options.ToString());
        Assert.Equal(options.ToString(), key.ToString());
    }
}
