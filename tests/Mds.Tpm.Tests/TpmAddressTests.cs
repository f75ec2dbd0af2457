namespace Mds.Tpm.Tests;

public sealed class TpmAddressTests
{
    [Theory]
    [InlineData("/dev/tpmrm0", true)]
    [InlineData("/dev/tpm0", true)]
    [InlineData("unix:/run/swtpm.sock", false)]
    [InlineData("127.0.0.1:2321", false)]
    [InlineData("[::1]:2321", false)]
    [InlineData("swtpm.default.svc:2321", false)]
    public void Parse_Address_IsOfItsKind(string text, bool isDevice)
    {
        Assert.True(TpmAddress.TryParse(text, out var address));
        Assert.Equal(isDevice, address.IsDevice);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("tpmrm0")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData(":2321")]
    [InlineData("unix:")]
    [InlineData("unix:/")]
    [InlineData("http://host:2321")]
    [InlineData("::1:2321")]
    [InlineData("[::1:2321")]
    [InlineData("[host]:2321")]
    [InlineData("host]:2321")]
    [InlineData("ho st:2321")]
    [InlineData("host:+1")]
    [InlineData("host: 1")]
    public void TryParse_NoAddress_IsRefused(string? text) => Assert.False(TpmAddress.TryParse(text, out _));
}
