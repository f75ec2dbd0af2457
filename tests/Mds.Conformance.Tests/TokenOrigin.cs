namespace Mds.Conformance.Tests;

public enum TokenOrigin
{
    LocalIssuer,
    ServiceAccountKey,
}
