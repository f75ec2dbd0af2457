using System.Text.Json.Nodes;
using Mds.Operator.Admission;
using Microsoft.Extensions.Logging.Abstractions;
using static Mds.Operator.Tests.Admission.FakeEmulators;

namespace Mds.Operator.Tests.Admission;

public sealed class EmulatorLookupTests
{
    private readonly FakeEmulators _emulators = new();
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(null, "team-a/default")]
    [InlineData("other", "team-a/other")]
    [InlineData("team-a/other", "team-a/other")]
    [InlineData("team-b/shared", "team-b/shared")]
    public async Task Resolve_EmulatorInCopy_FoundWithoutAsking(string? annotation, string expected)
    {
        _emulators.Copy.AddRange(
            [Emulator("team-a", "default"), Emulator("team-a", "other"), Emulator("team-b", "shared", exportedTo: ["team-a"])]);

        var resolution = await ResolveAsync(annotation);

        Assert.Equal(expected, resolution.Emulator?.Key);
        Assert.Equal("10.96.12.7:80", resolution.Endpoint?.Host);
        Assert.Equal(0, _emulators.Questions);
    }

    [Fact]
    public async Task Resolve_OnlyOneAndNoneNamed_TheOnlyOne()
    {
        _emulators.Copy.AddRange([Emulator("team-a", "lab"), Emulator("team-a", "gone", deleting: true)]);

        Assert.Equal("team-a/lab", (await ResolveAsync(null)).Emulator?.Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b/c")]
    [InlineData("Upper")]
    [InlineData("../x")]
    [InlineData("team-b/")]
    [InlineData("name\n")]
    public async Task Resolve_InvalidAnnotation_RefusedQuotingIt(string annotation)
    {
        var resolution = await ResolveAsync(annotation);

        Assert.Equal(AdmissionReason.InvalidReference, resolution.Refusal);
        Assert.Contains($"\"{annotation}\"", resolution.Sentence, StringComparison.Ordinal);
        Assert.Equal(0, _emulators.Questions);
    }

    [Fact]
    public async Task Resolve_SeveralAndNoDefault_RefusedNamingThem()
    {
        _emulators.Live.AddRange([Emulator("team-a", "two"), Emulator("team-a", "one")]);

        var resolution = await ResolveAsync(null);

        Assert.Equal(AdmissionReason.SeveralEmulators, resolution.Refusal);
        Assert.Contains("(one, two)", resolution.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_NamespaceWithout_RefusedWithTheWayOut()
    {
        var resolution = await ResolveAsync(null);

        Assert.Equal(AdmissionReason.NoEmulator, resolution.Refusal);
        Assert.Contains("kubectl apply -n team-a", resolution.Sentence, StringComparison.Ordinal);
        Assert.Equal(1, _emulators.Questions);
    }

    [Fact]
    public async Task Resolve_NamedOneMissing_RefusedNamingWhatThereIs()
    {
        _emulators.Copy.Add(Emulator("team-a", "lab"));
        _emulators.Live.Add(Emulator("team-a", "lab"));

        var resolution = await ResolveAsync("typo");

        Assert.Equal(AdmissionReason.EmulatorNotFound, resolution.Refusal);
        Assert.Contains("typo", resolution.Sentence, StringComparison.Ordinal);
        Assert.Contains("only lab", resolution.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_NotExported_RefusedAsIfItDidNotExist()
    {
        var secret = Emulator("team-b", "hidden", exportedTo: ["team-c"]);
        _emulators.Copy.Add(secret);
        _emulators.Live.Add(secret);

        var hidden = await ResolveAsync("team-b/hidden");
        var absent = await ResolveAsync("team-b/absent");

        Assert.Equal(AdmissionReason.NotExported, hidden.Refusal);
        Assert.Equal(AdmissionReason.NotExported, absent.Refusal);
        Assert.Equal(hidden.Sentence.Replace("hidden", "absent"), absent.Sentence);
        Assert.Equal(2, _emulators.Questions);
    }

    [Fact]
    public async Task Resolve_NoEndpointYet_RefusedSayingItIsTriedAgain()
    {
        _emulators.Live.Add(Emulator("team-a", "default", endpoint: false));

        var resolution = await ResolveAsync(null);

        Assert.Equal(AdmissionReason.NoEndpoint, resolution.Refusal);
        Assert.Contains("try again by themselves", resolution.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_NoEndpointAndItIsKnownWhy_RefusedWithTheReason()
    {
        var emulator = Emulator("team-a", "default", endpoint: false);
        _emulators.Live.Add(emulator with
        {
            Status = new JsonObject
            {
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["message"] = "$.spec.mode: Sidecar is not supported yet; use Deployment." }),
            },
        });

        Assert.StartsWith(
            "MetadataEmulator team-a/default has no endpoint yet: $.spec.mode: Sidecar is not supported yet; use Deployment. ",
            (await ResolveAsync(null)).Sentence,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_BeingDeleted_RefusedAsGone()
    {
        _emulators.Copy.Add(Emulator("team-a", "default", deleting: true));

        Assert.Equal(AdmissionReason.NoEmulator, (await ResolveAsync(null)).Refusal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("default")]
    public async Task Resolve_CopyBehind_FoundByAskingOnce(string? annotation)
    {
        _emulators.Live.Add(Emulator("team-a", "default"));

        Assert.Equal("team-a/default", (await ResolveAsync(annotation)).Emulator?.Key);
        Assert.Equal(1, _emulators.Questions);
    }

    [Fact]
    public async Task Resolve_CopyWithoutTheNewEndpoint_FoundByAskingOnce()
    {
        // Who waited for Ready and makes a pod at once may meet a replica that has not heard of it.
        _emulators.Copy.Add(Emulator("team-a", "default", endpoint: false));
        _emulators.Live.Add(Emulator("team-a", "default"));

        Assert.Equal("10.96.12.7:80", (await ResolveAsync(null)).Endpoint?.Host);
        Assert.Equal(1, _emulators.Questions);
    }

    [Fact]
    public async Task Resolve_CopyWithOneThatIsGone_FoundByAskingOnce()
    {
        _emulators.Copy.AddRange([Emulator("team-a", "one"), Emulator("team-a", "two")]);
        _emulators.Live.Add(Emulator("team-a", "one"));

        Assert.Equal("team-a/one", (await ResolveAsync(null)).Emulator?.Key);
        Assert.Equal(1, _emulators.Questions);
    }

    [Fact]
    public async Task Resolve_CopyNotFilledYet_AskedInstead()
    {
        _emulators.Synced = false;
        _emulators.Copy.Add(Emulator("team-a", "other"));
        _emulators.Live.AddRange([Emulator("team-a", "other"), Emulator("team-a", "default")]);

        Assert.Equal("team-a/default", (await ResolveAsync(null)).Emulator?.Key);
    }

    [Fact]
    public async Task Resolve_ApiServerFails_Refused()
    {
        _emulators.Trouble = _ => Task.FromException(new HttpRequestException("connection refused"));

        Assert.Equal(AdmissionReason.LookupFailed, (await ResolveAsync(null)).Refusal);
    }

    [Fact]
    public async Task Resolve_ApiServerSilent_RefusedInTime()
    {
        _emulators.Trouble = token => Task.Delay(Timeout.Infinite, token);

        var resolving = ResolveAsync(null);
        Assert.False(resolving.IsCompleted);
        _time.Advance(EmulatorLookup.Timeout);

        Assert.Equal(AdmissionReason.LookupFailed, (await resolving).Refusal);
    }

    private Task<EmulatorResolution> ResolveAsync(string? annotation) =>
        new EmulatorLookup(_emulators, _time, NullLogger<EmulatorLookup>.Instance)
            .ResolveAsync(annotation, "team-a", TestContext.Current.CancellationToken);
}
