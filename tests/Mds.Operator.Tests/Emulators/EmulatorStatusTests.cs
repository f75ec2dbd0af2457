using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Emulators;

public sealed class EmulatorStatusTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonObject Service = Parse("""{"spec": {"clusterIP": "10.96.12.7"}}""");
    private static readonly JsonObject RolledOut = Parse(
        """{"metadata": {"generation": 2}, "status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2}}""");

    private static readonly Observation Well = new(
        new Finding(Reasons.ClaimsAccepted, "The claims are well formed."),
        null,
        Service,
        RolledOut,
        "hash",
        [Pod("a", """[{"account": "default", "state": "Valid", "principal": "app@lab"}]"""), Pod("b", """[{"account": "default", "state": "Valid", "principal": "app@lab"}]""")],
        ["a", "b"]);

    private static readonly string First = new('1', MetadataEmulatorSchema.FingerprintLength);
    private static readonly string Second = new('2', MetadataEmulatorSchema.FingerprintLength);

    [Fact]
    public void Build_AllWell_IsReady()
    {
        var status = Build(Well);

        Assert.Equal(
            """
            {"observedGeneration":3,
             "endpoint":{"host":"10.96.12.7:80","ip":"10.96.12.7","port":80},
             "principal":"app@lab",
             "conditions":[
              {"type":"Ready","status":"True","observedGeneration":3,"lastTransitionTime":"2026-11-21T12:00:00Z","reason":"Ready","message":"Pods reach it at 10.96.12.7:80."},
              {"type":"Available","status":"True","observedGeneration":3,"lastTransitionTime":"2026-11-21T12:00:00Z","reason":"ServerReady","message":"2 of 2 server pods are ready."},
              {"type":"ClaimsValid","status":"True","observedGeneration":3,"lastTransitionTime":"2026-11-21T12:00:00Z","reason":"ClaimsAccepted","message":"The claims are well formed."},
              {"type":"CredentialsValid","status":"True","observedGeneration":3,"lastTransitionTime":"2026-11-21T12:00:00Z","reason":"CredentialsAccepted","message":"Every account's credential has got a token."}]}
            """.ReplaceLineEndings("\n").Replace("\n ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace(" {", "{", StringComparison.Ordinal),
            status.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public void Build_Later_KeepsTheTimesOfWhatDidNotChange()
    {
        var before = Build(Well);
        var after = EmulatorStatus.Build(Emulator(), Well with { Pods = [] }, before, Noon.AddHours(1));

        Assert.Equal("2026-11-21T12:00:00Z", Field(after, "ClaimsValid", "lastTransitionTime"));
        Assert.Equal("2026-11-21T13:00:00Z", Field(after, "Available", "lastTransitionTime"));
    }

    [Fact]
    public void Build_TheSameAgain_IsTheSame() =>
        Assert.True(JsonNode.DeepEquals(Build(Well), EmulatorStatus.Build(Emulator(), Well, Build(Well), Noon.AddHours(1))));

    [Fact]
    public void Build_NoAnswerAnyMore_KeepsPrincipalAndEndpoint()
    {
        var before = Build(Well);
        var emulator = Emulator() with { Endpoint = new EmulatorEndpoint("10.96.12.7", 80) };
        var after = EmulatorStatus.Build(emulator, Well with { Pods = [], Service = null }, before, Noon);

        Assert.Equal("app@lab", (string?)after["principal"]);
        Assert.Equal("10.96.12.7:80", (string?)after["endpoint"]!["host"]);
    }

    [Fact]
    public void Build_KeyFingerprint_IsTheDefaultAccountsOrElseAnothers()
    {
        Assert.Equal(First, Fingerprint(Build(Told($$"""[{"account": "a@lab", "keyFingerprint": "{{Second}}"}, {"account": "default", "keyFingerprint": "{{First}}"}]"""))));
        Assert.Equal(Second, Fingerprint(Build(Told($$"""[{"account": "default"}, {"account": "a@lab", "keyFingerprint": "{{Second}}"}]"""))));
        Assert.Null(Fingerprint(Build(Told("""[{"account": "default", "keyFingerprint": "not a fingerprint"}]"""))));
    }

    [Fact]
    public void Build_KeyFingerprint_IsKeptUntilAServerOfTheseSettingsSpoke()
    {
        var before = Build(Told($$"""[{"account": "default", "keyFingerprint": "{{First}}"}]"""));
        var silent = Well with { Pods = [] };
        var keyless = Told("""[{"account": "default", "state": "Valid"}]""");
        var earlier = keyless with { Pods = [keyless.Pods[0] with { SettingsHash = "earlier" }] };

        Assert.Equal(First, Fingerprint(EmulatorStatus.Build(Emulator(), silent, before, Noon)));
        Assert.Equal(First, Fingerprint(EmulatorStatus.Build(Emulator(), earlier, before, Noon)));
        Assert.Null(Fingerprint(EmulatorStatus.Build(Emulator(), keyless, before, Noon)));
        Assert.Equal(Second, Fingerprint(EmulatorStatus.Build(Emulator(), Told($$"""[{"account": "default", "keyFingerprint": "{{Second}}"}]"""), before, Noon)));
        Assert.Null(Fingerprint(EmulatorStatus.Build(Emulator() with { Credentials = [] }, silent, before, Noon)));
    }

    [Fact]
    public void Build_CertificateOfTheIssuersPortMissing_IsToldWithItsSecret()
    {
        var emulator = EmulatorReader.Read(Parse(
            """
            {"metadata": {"name": "lab", "namespace": "team-a"},
             "spec": {"issuer": {"tlsSecretRef": {"name": "certificate"}}, "credentials": [{"account": "default", "local": {}}]}}
            """));
        var bare = Well.Pods[1] with
        {
            Report = ServerReport.Read(JsonNode.Parse(
                """{"claims": {"valid": true}, "credentials": [{"account": "default", "state": "Valid"}], "certificates": [{"valid": false, "error": "The file is missing."}]}""")),
        };

        var status = EmulatorStatus.Build(emulator, Well with { Pods = [Well.Pods[0], bare] }, [], Noon);

        Assert.Equal("IssuerCertificateUnusable", Field(status, "Ready", "reason"));
        Assert.Equal("The local issuer's port (Secret certificate): The file is missing. (pod b)", Field(status, "CredentialsValid", "message"));
    }

    public static TheoryData<string, string, string> Worse() => new()
    {
        { """[{"account": "default", "state": "Unknown"}]""", "CredentialsUntried", "Unknown" },
        { """[{"account": "default", "state": "Failed", "fault": "Unavailable", "message": "no answer"}]""", "IssuerUnavailable", "False" },
        { """[{"account": "default", "state": "Failed", "fault": "Unusable", "message": "no key"}]""", "CredentialsUnusable", "False" },
        { """[{"account": "default", "state": "Failed", "fault": "Missing", "message": "no such account"}]""", "AccountMissing", "False" },
        { """[{"account": "default", "state": "Failed", "fault": "Rejected", "message": "deleted"}]""", "CredentialsRejected", "False" },
        { """[{"account": "a", "state": "Valid"}, {"account": "b", "state": "Failed", "fault": "Unusable", "message": "x"}, {"account": "c", "state": "Failed", "fault": "Rejected", "message": "y"}]""", "CredentialsRejected", "False" },
    };

    [Theory]
    [MemberData(nameof(Worse))]
    public void Build_OnePodWorseThanTheOther_TheWorseCounts(string credentials, string reason, string ready)
    {
        var status = Build(Well with { Pods = [Well.Pods[0], Pod("b", credentials)] });

        Assert.Equal(reason, Field(status, "CredentialsValid", "reason"));
        Assert.Equal(reason, Field(status, "Ready", "reason"));
        Assert.Equal(ready, Field(status, "Ready", "status"));
    }

    [Fact]
    public void Build_EarlierPodFails_DoesNotCountBesideACurrentOne()
    {
        var earlier = Pod("a", """[{"account": "default", "state": "Failed", "fault": "Rejected"}]""") with { SettingsHash = "earlier" };

        Assert.Equal("CredentialsAccepted", Field(Build(Well with { Pods = [earlier, Well.Pods[1]] }), "CredentialsValid", "reason"));
        Assert.Equal("CredentialsRejected", Field(Build(Well with { Pods = [earlier] }), "CredentialsValid", "reason"));
    }

    [Fact]
    public void Build_PodThatDoesNotAnswer_IsUnknown()
    {
        var silent = Well.Pods[1] with { Report = null, ReportFailure = "Connection refused." };
        var status = Build(Well with { Pods = [Well.Pods[0], silent] });

        Assert.Equal("StatusUnreachable", Field(status, "Ready", "reason"));
        Assert.Equal("Unknown", Field(status, "Ready", "status"));
        Assert.Equal("Pod b: Connection refused.", Field(status, "CredentialsValid", "message"));
    }

    [Fact]
    public void Build_CredentialKeepsThePodFromBeingReady_IsWhatReadyIsAbout()
    {
        var refused = Pod("a", """[{"account": "default", "state": "Failed", "fault": "Rejected", "message": "The TPM refused the password."}]""") with { Ready = false };

        var status = Build(Well with { Pods = [refused], Routed = [] });

        Assert.Equal("ServerStarting", Field(status, "Available", "reason"));
        Assert.Equal("CredentialsRejected", Field(status, "CredentialsValid", "reason"));
        Assert.Equal("CredentialsRejected", Field(status, "Ready", "reason"));
        Assert.Contains("refused the password", Field(status, "Ready", "message"), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_CredentialFailsAfterARestartLongAgo_IsWhatReadyIsAbout()
    {
        var refused = Pod("a", """[{"account": "default", "state": "Failed", "fault": "Unusable", "message": "The TPM refused the password."}]""") with
        {
            Ready = false, Trouble = new Finding(Reasons.ServerCrashing, "Pod a: the server ended with exit code 137 (OOMKilled)."),
        };

        var status = Build(Well with { Pods = [refused], Routed = [] });

        Assert.Equal("CredentialsUnusable", Field(status, "Ready", "reason"));
        Assert.Equal("ServerCrashing", Field(Build(Well with { Pods = [refused with { Report = null }], Routed = [] }), "Ready", "reason"));
    }

    [Theory]
    [InlineData("Valid")]
    [InlineData("Unknown")]
    public void Build_PodThatIsNotReadyYet_SaysNothingOfItsCredentials(string state)
    {
        var starting = Pod("a", $$"""[{"account": "default", "state": "{{state}}"}]""") with { Ready = false };

        Assert.Equal("ServerNotReady", Field(Build(Well with { Pods = [starting] }), "CredentialsValid", "reason"));
        Assert.Equal("CredentialsAccepted", Field(Build(Well with { Pods = [starting, Well.Pods[1]] }), "CredentialsValid", "reason"));
    }

    [Fact]
    public void Build_CredentialOfSeveralSecretsFails_AllAreNamed()
    {
        var emulator = EmulatorReader.Read(Parse(
            """
            {"metadata": {"name": "lab", "namespace": "team-a"}, "spec": {"credentials": [{"account": "default", "tpm": {
              "address": "tpm:2321", "keySecretRef": {"name": "tpm", "key": "key.pem"}, "keyPasswordSecretRef": {"name": "words", "key": "password"}}}]}}
            """));
        var failing = Pod("b", """[{"account": "default", "state": "Failed", "fault": "Rejected", "message": "The TPM refused the password."}]""");

        var status = EmulatorStatus.Build(emulator, Well with { Pods = [failing] }, [], Noon);

        Assert.Equal(
            "Account default (Secret tpm, key key.pem, Secret words, key password): The TPM refused the password. (pod b)",
            Field(status, "CredentialsValid", "message"));
    }

    [Fact]
    public void Build_ServiceLeadsToNoReadyPod_IsNotAvailable()
    {
        var status = Build(Well with { Routed = ["an-earlier-pod"] });

        Assert.Equal("EndpointNotRouted", Field(status, "Ready", "reason"));
        Assert.Equal("False", Field(status, "Available", "status"));
        Assert.Equal("2 of 2 server pods are ready. The Service mds-lab leads to none of them yet.", Field(status, "Available", "message"));
        Assert.Equal("True", Field(Build(Well with { Routed = ["b"] }), "Ready", "status"));
    }

    [Fact]
    public void Build_OneOfTwoPodsInTrouble_IsAvailableAndSaysSo()
    {
        var trouble = new ServerPod("b", false, "hash", new Finding(Reasons.ServerCrashing, "Pod b: it ended."), null);
        var status = Build(Well with { Pods = [Well.Pods[0], trouble] });

        Assert.Equal("True", Field(status, "Available", "status"));
        Assert.Equal("1 of 2 server pods are ready. Pod b: it ended.", Field(status, "Available", "message"));
    }

    [Theory]
    [InlineData("""{"metadata": {"generation": 2}}""", "0 of 2 server pods are of the current specification.")]
    [InlineData("""{"metadata": {"generation": 3}, "status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2}}""", "2 of 2 server pods are of the current specification.")]
    [InlineData("""{"metadata": {"generation": 2}, "status": {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 1}}""", "1 of 2 server pods are of the current specification.")]
    public void Build_RolloutNotDone_IsNotReady(string deployment, string message)
    {
        var status = Build(Well with { Deployment = Parse(deployment) });

        Assert.Equal("True", Field(status, "Available", "status"));
        Assert.Equal("RollingOut", Field(status, "Ready", "reason"));
        Assert.Equal(message, Field(status, "Ready", "message"));
    }

    [Fact]
    public void Build_PodsRefusedByAQuota_IsTold()
    {
        var deployment = Parse("""{"status": {"conditions": [{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: compute"}]}}""");

        var status = Build(Well with { Deployment = deployment, Pods = [] });

        Assert.Equal("PodsRefused", Field(status, "Ready", "reason"));
        Assert.Contains("exceeded quota", Field(status, "Available", "message"), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_ClaimsThatNeverWereGood_AreWhatReadyIsAbout()
    {
        var status = Build(Well with { Claims = new Finding(Reasons.ClaimsInvalid, "$.spec.claims: no."), Pods = [] });

        Assert.Equal("ServerStarting", Field(status, "Available", "reason"));
        Assert.Equal("ClaimsInvalid", Field(status, "Ready", "reason"));
        Assert.Equal("$.spec.claims: no.", Field(status, "Ready", "message"));
    }

    [Fact]
    public void Build_WordsOfOthersTooLongForTheSchema_AreCut()
    {
        var longest = MetadataEmulatorSchema.SentenceLength;
        var status = Build(Well with
        {
            Claims = new Finding(Reasons.ClaimsInvalid, new string('x', longest + 1)),
            Pods = [Pod("a", $$"""[{"account": "default", "state": "Valid", "principal": "{{new string('x', MetadataEmulatorSchema.EmailLength + 1)}}"}]""")],
        });

        Assert.Equal(longest, Field(status, "ClaimsValid", "message")!.Length);
        Assert.EndsWith("x…", Field(status, "Ready", "message"), StringComparison.Ordinal);
        Assert.Null(status["principal"]);
    }

    [Fact]
    public void Build_NoReplicasWanted_IsScaledToZero() => Assert.Equal(
        "ScaledToZero",
        Field(EmulatorStatus.Build(Emulator() with { Replicas = 0 }, Well with { Pods = [] }, [], Noon), "Available", "reason"));

    [Fact]
    public void Build_NoAddressYet_IsEndpointPending()
    {
        var status = Build(Well with { Service = Parse("""{"spec": {}}""") });

        Assert.Equal("EndpointPending", Field(status, "Ready", "reason"));
        Assert.Null(status["endpoint"]);
    }

    [Fact]
    public void Build_ProblemInTheSpecification_ComesBeforeAllElse()
    {
        var emulator = Emulator() with { Problems = ["$.spec.mode: must be a string."] };

        var status = EmulatorStatus.Build(emulator, Well with { Deployment = null, Pods = [] }, [], Noon);

        Assert.Equal("SpecInvalid", Field(status, "Ready", "reason"));
        Assert.Equal("$.spec.mode: must be a string.", Field(status, "Ready", "message"));
        Assert.Equal("SpecInvalid", Field(status, "Available", "reason"));
    }

    [Fact]
    public void Between_FirstStatus_TellsTheEndpointAndNoNoise()
    {
        var starting = Build(Well with { Pods = [] });

        Assert.Equal([(EventType.Normal, "EndpointAssigned")], Events([], starting));
        Assert.Equal([(EventType.Normal, "Ready")], Events(starting, Build(Well)));
        Assert.Empty(Events(Build(Well), Build(Well)));
    }

    [Fact]
    public void Between_FailureAndRecovery_AreToldOnceEach()
    {
        var failed = Build(Well with { Pods = [Pod("a", """[{"account": "default", "state": "Failed", "fault": "Rejected"}]""")] });

        Assert.Equal([(EventType.Warning, "CredentialsRejected")], Events(Build(Well), failed));
        Assert.Empty(Events(failed, failed));
        Assert.Equal([(EventType.Normal, "CredentialsAccepted"), (EventType.Normal, "Ready")], Events(failed, Build(Well)));
    }

    [Fact]
    public void Between_AnotherFailureOfTheSameReason_IsTold_AndTheSameOfAnotherPodIsNot()
    {
        var first = Build(Well with { Pods = [Pod("a", Failing("The file is missing."))] });
        var other = Build(Well with { Pods = [Pod("b", Failing("The file is missing."))] });
        var next = Build(Well with { Pods = [Pod("a", Failing("The file is no key."))] });

        Assert.Empty(Events(first, other));
        Assert.Equal([(EventType.Warning, "CredentialsUnusable")], Events(first, next));

        static string Failing(string message) => $$"""[{"account": "default", "state": "Failed", "fault": "Unusable", "message": "{{message}}"}]""";
    }

    [Fact]
    public void Between_AnotherAddress_IsAWarning() => Assert.Contains(
        (EventType.Warning, "EndpointChanged"),
        Events(Build(Well), Build(Well with { Service = Parse("""{"spec": {"clusterIP": "10.96.0.9"}}""") })));

    private static string? Fingerprint(JsonObject status) => (string?)status["keyFingerprint"];

    private static Observation Told(string credentials) => Well with { Pods = [Pod("a", credentials)] };

    private static IEnumerable<(EventType, string)> Events(JsonObject before, JsonObject after) =>
        EmulatorEvents.Between(before, after).Select(entry => (entry.Type, entry.Reason));

    private static JsonObject Build(Observation observed) => EmulatorStatus.Build(Emulator(), observed, [], Noon);

    private static string? Field(JsonObject status, string type, string field) => (string?)EmulatorStatus.ConditionOf(status, type)![field];

    private static ServerPod Pod(string name, string credentials) => new(name, true, "hash", null, null)
    {
        Report = ServerReport.Read(JsonNode.Parse($$"""{"claims": {"valid": true}, "credentials": {{credentials}} }""")),
    };

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static Emulator Emulator() => EmulatorReader.Read(Parse(
        """{"metadata": {"name": "lab", "namespace": "team-a", "uid": "u", "generation": 3}, "spec": {"credentials": [{"account": "default", "local": {}}]}}"""));
}
