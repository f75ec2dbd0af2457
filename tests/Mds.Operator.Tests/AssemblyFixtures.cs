using ControlPlane;

[assembly: AssemblyFixture(typeof(ControlPlaneFixture))]
