using System.Net;
using System.Text.Json.Nodes;
using Mds.Server.Listeners;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Admin.Api;

/// <summary>Who may ask the admin API, and what it says to questions that make no sense.</summary>
public sealed class AdminApiTests
{
    [Fact]
    public async Task Get_Root_ListsTheResources()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (status, body) = await server.AskAsync("GET", "");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            ["/admin/v1/claims", "/admin/v1/events", "/admin/v1/faults", "/admin/v1/requests"],
            body["resources"]!.AsArray().Select(resource => (string)resource!));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "requests")]
    [InlineData("PATCH", "claims")]
    [InlineData("DELETE", "faults")]
    public async Task Ask_WithAnOrigin_IsRefused(string method, string path)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (status, body) = await server.AskAsync(method, path, "{}", ("Origin", "http://localhost"));

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal([("$", "Requests of web pages, which have an Origin header, are refused.")], body.Errors());
    }

    [Theory]
    [InlineData("evil.test", HttpStatusCode.Forbidden)]
    [InlineData("evil.test:9000", HttpStatusCode.Forbidden)]
    [InlineData("localhost.evil.test", HttpStatusCode.Forbidden)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LOCALHOST:9000", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("10.1.2.3:9000", HttpStatusCode.OK)]
    [InlineData("[::1]:9000", HttpStatusCode.OK)]
    public async Task Ask_ByAHost_IsAnsweredForAddressesAndLocalhost(string host, HttpStatusCode expected)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (status, _) = await server.AskAsync("GET", "claims", null, ("Host", host));

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Ask_SwitchedOff_SaysHowToSwitchItOn()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), api: false);

        var (status, body) = await server.AskAsync("PATCH", "claims", """{"project": {"projectId": "other"}}""");

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("-adminApi", Assert.Single(body.Errors()).Message);
        Assert.Equal("mds-sample", await server.ProjectIdAsync());
    }

    [Theory]
    [InlineData(true, "-metricsEnabled")]
    [InlineData(false, "-metricsEnabled", "-metricsInterface=*")]
    [InlineData(false, "-metricsEnabled", "-metricsInterface=192.0.2.1")]
    [InlineData(true, "-metricsEnabled", "-metricsInterface=*", "-adminApi")]
    [InlineData(false, "-metricsEnabled", "-adminApi=false")]
    public void Settings_AdminApi_IsOnByDefaultOnLoopbackOnly(bool expected, params string[] arguments)
    {
        var run = Assert.IsType<Mds.Server.CommandLine.RunCommand>(Mds.Server.CommandLine.CommandLineParser.Parse(arguments));

        Assert.Equal(expected, SettingsReader.Read(run.Switches, new Dictionary<string, string>()).Admin!.Api);
    }

    [Theory]
    [InlineData("GET", "nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "claims/1", HttpStatusCode.NotFound)]
    [InlineData("GET", "events/1/2", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "events/7", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "faults/x", HttpStatusCode.NotFound)]
    [InlineData("POST", "claims", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "events", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "faults/1", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "requests", HttpStatusCode.MethodNotAllowed)]
    public async Task Ask_WhatIsNotThere_IsASentence(string method, string path, HttpStatusCode expected)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (status, body) = await server.AskAsync(method, path, "{}");

        Assert.Equal(expected, status);
        Assert.EndsWith(".", Assert.Single(body.Errors()).Message);
    }

    [Fact]
    public async Task Ask_AnyWrite_IsLogged()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        await server.AskAsync("PATCH", "claims", """{"instance": {"attributes": {"secret": "hunter2"}}}""");
        await server.AskAsync("POST", "events", """{"kind": "preemption"}""");
        await server.AskAsync("POST", "faults", """{"status": 503, "path": "*/token"}""");
        await server.AskAsync("DELETE", "faults");
        await server.AskAsync("GET", "claims");

        Assert.Equal(
            [
                "By the admin API the claims were patched.",
                "By the admin API a preemption was raised, in 0 s for 30 s.",
                "By the admin API the fault 1 was set for */token.",
                "By the admin API all faults were taken away.",
            ],
            server.Log.Lines.Select(line => line.Message).Where(line => line.StartsWith("By the admin API", StringComparison.Ordinal)));
        Assert.DoesNotContain(server.Log.Lines, line => line.Message.Contains("hunter2", StringComparison.Ordinal));
    }
}
