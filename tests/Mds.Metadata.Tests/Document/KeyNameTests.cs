namespace Mds.Metadata.Tests.Document;

public sealed class KeyNameTests
{
    [Theory]
    [InlineData("cpu-platform", "cpuPlatform")]
    [InlineData("dns-servers", "dnsServers")]
    [InlineData("numeric-project-id", "numericProjectId")]
    [InlineData("gateway-ipv6", "gatewayIpv6")]
    [InlineData("id", "id")]
    public void ToJsonAndToPath_FixedKey_AreInverse(string path, string json)
    {
        Assert.Equal(json, KeyName.ToJson(path));
        Assert.Equal(path, KeyName.ToPath(json));
    }

    [Theory]
    [InlineData("ssh-keys")]
    [InlineData("snake_Case")]
    [InlineData("0.1")]
    [InlineData("UPPER")]
    [InlineData("")]
    public void ToPath_KeyThatIsNotCamelCase_StaysAsItIs(string name) => Assert.Equal(name, KeyName.ToPath(name));
}
