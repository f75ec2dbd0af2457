using System.Text;
using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.Reload;

namespace Mds.Server.Tests.Reload;

public sealed class MachineClaimsTests
{
    [Fact]
    public void Of_WholeMachine_EverythingInTheWordsOfATokens()
    {
        var machine = Of("""
            {
              "instance": {
                "id": 4520031799277581759, "name": "web-1", "zone": "projects/123456789012/zones/europe-west1-b",
                "creationTimestamp": 1773144000, "confidentiality": "1", "licenses": [{"id": "11"}, {"id": "22"}]
              },
              "project": {"projectId": "p1", "numericProjectId": 123456789012}
            }
            """);

        Assert.Equal(["11", "22"], machine.LicenseIds);
        Assert.Equal(
            new ComputeEngineClaims
            {
                InstanceConfidentiality = 1,
                InstanceCreationTimestamp = 1773144000,
                InstanceId = "4520031799277581759",
                InstanceName = "web-1",
                LicenseIds = machine.LicenseIds,
                ProjectId = "p1",
                ProjectNumber = 123456789012,
                Zone = "europe-west1-b",
            },
            machine);
    }

    [Fact]
    public void Of_ShortDocument_TheRestIsUnknown()
    {
        var machine = Of("""{"project": {"projectId": "p1"}}""");

        Assert.Equal(new ComputeEngineClaims { ProjectId = "p1", LicenseIds = machine.LicenseIds }, machine);
        Assert.Empty(machine.LicenseIds);
    }

    private static ComputeEngineClaims Of(string claims) =>
        MachineClaims.Of(Claims.Parse(Encoding.UTF8.GetBytes(claims), "claims.json"));
}
