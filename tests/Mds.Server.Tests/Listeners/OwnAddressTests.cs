using System.Net;
using Mds.Server.Listeners;

namespace Mds.Server.Tests.Listeners;

public sealed class OwnAddressTests
{
    [Theory]
    [InlineData("169.254.169.254:80", "169.254.169.254", true)]
    [InlineData("169.254.169.254:80", "metadata.google.internal", true)]
    [InlineData("169.254.169.254:80", "METADATA:80", true)]
    [InlineData("169.254.169.254:8080", "169.254.169.254", false)]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080", true)]
    [InlineData("127.0.0.1:8080", "localhost:8080", true)]
    [InlineData("127.0.0.1:8080", "127.0.0.1", false)]
    [InlineData("127.0.0.1:8080", "169.254.169.254:8080", false)]
    [InlineData("0.0.0.0:80", "10.1.2.3", true)]
    [InlineData("0.0.0.0:80", "10.1.2.4", false)]
    [InlineData("0.0.0.0:80", "127.9.9.9", true)]
    [InlineData("0.0.0.0:80", "metadata", false)]
    [InlineData("[::]:8080", "localhost:8080", true)]
    [InlineData("[::]:8080", "10.1.2.3:8080", true)]
    [InlineData("[::]:8080", "[::1]:8080", true)]
    [InlineData("[::]:8080", "[::ffff:10.1.2.3]:8080", true)]
    [InlineData("127.0.0.1:80", "not a host", false)]
    [InlineData("127.0.0.1:80", "elsewhere.test", false)]
    public void Is_ListenerAndAddress_WhetherItLeadsBack(string listener, string address, bool own) =>
        Assert.Equal(own, OwnAddress.Is(address, [IPEndPoint.Parse(listener)], [IPAddress.Parse("10.1.2.3")]));
}
