using FsCheck;
using FsCheck.Fluent;
using Mds.Metadata;
using Mds.Server.Protocol;
using Mds.Server.Tests.Protocol;

namespace Mds.Server.Tests.FastLane;

/// <summary>Which way a request takes shows in nothing but time.</summary>
public sealed class LanePropertyTests
{
    private const string V1 = "/computeMetadata/v1";

    private static readonly string[] Methods = ["GET", "GET", "GET", "GET", "HEAD", "POST", "DELETE", "OPTIONS"];

    private static readonly string[] Paths =
    [
        "/", "/computeMetadata", "/computeMetadata/", V1, V1 + "/", V1 + "/project/project-id", V1 + "/project/project-id/",
        V1 + "//project/project-id", "//computeMetadata/v1/", V1 + "/instance/", V1 + "/instance/disks/1/mode",
        V1 + "/instance/attributes/cluster-name", V1 + "/instance/attributes/cluster%2Dname", V1 + "/instance/%00",
        V1 + "/instance/attributes/%zz", V1 + "/instance/../project/", V1 + "/instance/tags", V1 + "/nokey", "/0.1/", "/favicon.ico",
        V1 + "/instance/service-accounts/default/", V1 + "/instance/service-accounts/default/token",
        V1 + "/instance/service-accounts/default/identity", V1 + "/instance/service-accounts/x@y/token",
        V1 + "/instance/guest-attributes/a/b", V1 + "/a!$&'()*+,;=:@~b", V1 + "/a<b", V1 + "/a\"b", V1 + "/ä", V1 + "/#x", "*", "http://metadata" + V1 + "/",
    ];

    private static readonly string[] Queries =
    [
        "", "", "?recursive=true", "?recursive=TRUE&alt=text", "?recursive=true&alt=json", "?alt=text", "?alt=json", "?alt=xml", "?", "?recursive",
        "?recursive=1&recursive=0", "?wait_for_change=true&timeout_sec=0", "?wait_for_change=true&last_etag=0", "?audience=http://a b", "?audience=a%20b&format=full",
        "?scopes=a,b", "?x=%zz&y=ä", "?a=<>",
    ];

    private static readonly string[] Headers =
    [
        "Metadata-Flavor: Google", "Metadata-Flavor: Google", "Metadata-Flavor: Google", "metadata-flavor:\tGoogle  ", "Metadata-Flavor: google", "Metadata-Flavor:",
        "X-Forwarded-For: 10.0.0.1", "x-forwarded-for:", "User-Agent: gcloud-golang/0.1", "User-Agent: ä", "Accept: */*", "Accept-Encoding: gzip", "Connection: keep-alive",
        "Connection: close", "Connection: Keep-Alive, x", "Content-Length: 0", "Expect: 100-continue", "Upgrade: h2c", "X-Odd : 1", "X-Control: \u0001", "NoColon", ": x", " folded",
        "X-Google-Metadata-Request: True", "Host: other",
    ];

    private static readonly List<string> Usual = ["User-Agent: gcloud-golang/0.1", "Accept-Encoding: gzip", "Metadata-Flavor: Google"];

    private static readonly string[] Hosts =
        ["Host: metadata.google.internal", "Host: 169.254.169.254:80", "Host: [::1]:80", "Host: metadata.google.internal.", "Host: a b", "Host: x:", "Host:"];

    [Theory]
    [InlineData(MetadataFlavor.GCE)]
    [InlineData(MetadataFlavor.CloudRun)]
    [InlineData(MetadataFlavor.GKE)]
    public async Task Ask_AnyRequest_IsAnsweredTheSameByBothWays(MetadataFlavor flavor)
    {
        await using var fast = await MetadataListener.StartAsync(flavor, SampleServer.Claims);
        await using var ordinary = await MetadataListener.StartAsync(flavor, SampleServer.Claims);
        ordinary.AllowsFastLane = false;

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Requests(), request =>
        {
            var expected = ordinary.SendAsync(request.Method, request.Target, request.Headers).GetAwaiter().GetResult();
            var actual = fast.SendAsync(request.Method, request.Target, request.Headers).GetAwaiter().GetResult();
            return (Text(expected) == Text(actual)).Label($"ordinary:\n{Text(expected)}\nfast lane:\n{Text(actual)}");
        }));

        Assert.True(fast.RequestsOnTheLane > 20, $"Only {fast.RequestsOnTheLane} requests took the fast lane, which shows little.");
        Assert.Equal(0, ordinary.RequestsOnTheLane);
    }

    private static Arbitrary<Request> Requests() => Arb.From(
        from method in Gen.Elements(Methods)
        from path in Gen.Elements(Paths)
        from query in Gen.Elements(Queries)
        from host in Gen.Frequency((8, Gen.Constant(Hosts[0])), (2, Gen.Elements(Hosts)))
        from odd in Gen.Frequency((6, Gen.Constant(false)), (4, Gen.Constant(true)))
        from headers in odd ? Gen.ListOf(Gen.Elements(Headers), 3) : Gen.Constant(Usual)
        select new Request(method, path + query, [host, .. headers]));

    // Everything that came, but for the date.
    private static string Text(RawResponse response) => string.Join(
        "\r\n",
        response.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {header.Value}")
            .Prepend(response.StatusLine).Append("").Append(response.Body));

    private sealed record Request(string Method, string Target, string[] Headers)
    {
        public override string ToString() => $"{Method} {Target}\n{string.Join('\n', Headers)}";
    }
}
