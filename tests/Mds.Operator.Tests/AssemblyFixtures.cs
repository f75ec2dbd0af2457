using ControlPlane;
using Mds.Operator.Tests.Cluster;

// One control plane for all tests that do not stop it, and one operator that runs against it as it runs in a cluster.
[assembly: AssemblyFixture(typeof(ControlPlaneFixture))]
[assembly: AssemblyFixture(typeof(OperatorFixture))]
