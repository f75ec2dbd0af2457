using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Emulators;

public sealed class ClusterDomainTests
{
    [Theory]
    [InlineData("search mds-system.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n", "cluster.local")]
    [InlineData("nameserver 10.96.0.10\nsearch\tmds-system.svc.lab.internal  svc.lab.internal. lab.internal corp.example\n", "lab.internal")]
    [InlineData("search corp.example\n", "cluster.local")]
    [InlineData("nameserver 127.0.0.1\n", "cluster.local")]
    [InlineData("search svc.\n", "cluster.local")]
    [InlineData("", "cluster.local")]
    public void In_ResolverOfAPod_IsTheDomainItSearches(string resolvConf, string domain) =>
        Assert.Equal(domain, ClusterDomain.In(resolvConf));
}
