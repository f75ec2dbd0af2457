using FsCheck;
using FsCheck.Fluent;
using Mds.Server.Commands;

namespace Mds.Server.Tests.Commands;

public sealed class LinkLocalPlanTests
{
    private const string Hosts = "127.0.0.1\tlocalhost\n::1 localhost\n";

    public static TheoryData<string> HostsTexts => ["", "\n", "127.0.0.1 localhost", Hosts, Hosts + "\n\n", "\r\n10.0.0.1 a # metadata.google.internal\r\n"];

    [Theory]
    [MemberData(nameof(HostsTexts))]
    public void Down_AfterUp_GivesBackEveryByteOfTheHostsFile(string hosts)
    {
        var up = LinkLocalPlan.Up(AddressOwner.Nobody, hosts);

        Assert.NotNull(up.Hosts);
        Assert.Contains(HostsFile.Line, up.Hosts.Split('\n'));
        Assert.Equal(hosts, LinkLocalPlan.Down(AddressOwner.ThisProgram, up.Hosts).Hosts);
    }

    [Fact]
    public void Down_AfterUpOfAnyText_GivesItBack() => Check.QuickThrowOnFailure(
        Prop.ForAll(
            ArbMap.Default.ArbFor<NonNull<string>>(),
            text => HostsFile.Remove(HostsFile.Add(text.Get)) == text.Get));

    [Fact]
    public void Down_LinesAddedAfterOurs_AreKept() => Assert.Equal(
        Hosts + "10.0.0.9 later\n", LinkLocalPlan.Down(AddressOwner.ThisProgram, HostsFile.Add(Hosts) + "10.0.0.9 later\n").Hosts);

    [Fact]
    public void Up_DoneAlready_ChangesNothing() =>
        Assert.True(LinkLocalPlan.Up(AddressOwner.ThisProgram, HostsFile.Add(Hosts)).IsEmpty);

    [Fact]
    public void Down_NothingDone_ChangesNothing() => Assert.True(LinkLocalPlan.Down(AddressOwner.Nobody, Hosts).IsEmpty);

    [Fact]
    public void Down_AddressOfSomebodyElse_LeavesIt()
    {
        var plan = LinkLocalPlan.Down(AddressOwner.SomebodyElse, HostsFile.Add(Hosts));

        Assert.Null(plan.Ip);
        Assert.Equal(Hosts, plan.Hosts);
    }

    [Fact]
    public void Up_NameThatLeadsElsewhere_IsRefusedWithItsLine()
    {
        var exception = Assert.Throws<LinkLocalException>(
            () => LinkLocalPlan.Up(AddressOwner.Nobody, Hosts + "10.0.0.1 Metadata.Google.Internal # mine\n"));

        Assert.Equal(
            "Line 3 of /etc/hosts sends metadata.google.internal to 10.0.0.1. Take that name out of the line first.", exception.Message);
    }

    [Theory]
    [InlineData("[]", nameof(AddressOwner.Nobody))]
    [InlineData("""[{"ifname":"lo","addr_info":[{"local":"127.0.0.1","label":"lo"}]}]""", nameof(AddressOwner.Nobody))]
    [InlineData("""[{"addr_info":[{"local":"169.254.169.254","label":"lo"}]}]""", nameof(AddressOwner.SomebodyElse))]
    [InlineData("""[{"addr_info":[{"local":"169.254.169.254","prefixlen":32,"label":"lo:mds"}]}]""", nameof(AddressOwner.ThisProgram))]
    public void OwnerIn_WhatIpPrints_TellsWhoseItIs(string json, string owner) =>
        Assert.Equal(owner, LoopbackAddress.OwnerIn(json).ToString());
}
