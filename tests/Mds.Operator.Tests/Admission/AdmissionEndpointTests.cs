using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Operator.Admission;
using Mds.Operator.Certificates;
using Mds.Operator.Tests.Certificates;
using static Mds.Operator.Tests.Admission.FakeEmulators;

namespace Mds.Operator.Tests.Admission;

/// <summary>The webhook over real TLS, as the API server reaches it.</summary>
public sealed class AdmissionEndpointTests : IAsyncLifetime
{
    private const string Pod =
        """{"metadata":{"generateName":"app-","labels":{"mds.inject":"true"}},"spec":{"containers":[{"name":"app"}]}}""";

    private readonly FakeCluster _cluster = new();
    private readonly FakeEmulators _emulators = new();
    private readonly ManualTime _time = new();
    private WebhookHost _host = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _emulators.Copy.Add(Emulator("team-a", "default"));
        var options = WebhookHost.Options("mds") with { ShutdownDelay = TimeSpan.FromSeconds(5) };
        _host = await WebhookHost.StartAsync(options, _emulators, _time, null, _cluster);
        await Eventually.TrueAsync(() => !_host.NotReadyBecause.Any(), "the webhook is ready", TestContext.Current.CancellationToken);
        _http = WebhookHost.ClientTrusting(PublishedBundle.Read(_cluster.Configuration!), _time.GetUtcNow());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        var stopping = _host.DisposeAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(5));
        await stopping;
    }

    [Fact]
    public async Task Post_LabelledPod_PatchesIt()
    {
        var response = await ReviewAsync(Pod);

        Assert.Equal("some-uid", (string?)response["uid"]);
        Assert.True((bool)response["allowed"]!);
        Assert.Equal("JSONPatch", (string?)response["patchType"]);
        var patch = JsonNode.Parse(Convert.FromBase64String((string)response["patch"]!))!.AsArray();
        var patched = AddPatchApplier.Apply(JsonNode.Parse(Pod)!.AsObject(), patch);
        Assert.Equal("10.96.12.7:80", (string?)patched["spec"]!["containers"]![0]!["env"]![0]!["value"]);
        Assert.Equal("Injected", (string?)response["auditAnnotations"]!["reason"]);
        Assert.Equal("team-a/default", (string?)response["auditAnnotations"]!["emulator"]);
    }

    [Fact]
    public async Task Post_DryRun_SameAnswer() =>
        Assert.Equal((await ReviewAsync(Pod)).ToJsonString(), (await ReviewAsync(Pod, dryRun: true)).ToJsonString());

    [Fact]
    public async Task Post_PodOfANamespaceWithout_RefusesWithASentence()
    {
        var response = await ReviewAsync(Pod, @namespace: "team-z");

        Assert.False((bool)response["allowed"]!);
        Assert.Equal(403, (int)response["status"]!["code"]!);
        Assert.Contains("namespace team-z has no MetadataEmulator", (string?)response["status"]!["message"], StringComparison.Ordinal);
        Assert.Null(response["patch"]);
    }

    [Fact]
    public async Task Post_PodWithOddSettings_Warns()
    {
        var response = await ReviewAsync(Pod.Replace("\"app\"}", "\"app\",\"env\":[{\"name\":\"NO_GCE_CHECK\",\"value\":\"true\"}]}"));

        Assert.Contains("NO_GCE_CHECK", (string?)Assert.Single(response["warnings"]!.AsArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"metadata":{},"spec":{"containers":[{"name":"app"}]}}""", "NotLabelled")]
    [InlineData("""{"metadata":{"labels":{"mds.inject":"false"}},"spec":{}}""", "NotLabelled")]
    [InlineData("""{"metadata":{"labels":{"mds.inject":"true"},"annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{}}""", "MirrorPod")]
    public async Task Post_PodThatIsNotOurs_LeftAsItIs(string pod, string reason)
    {
        var response = await ReviewAsync(pod);

        Assert.True((bool)response["allowed"]!);
        Assert.Null(response["patch"]);
        Assert.Equal(reason, (string?)response["auditAnnotations"]!["reason"]);
    }

    [Theory]
    [InlineData("UPDATE", "pods")]
    [InlineData("CREATE", "services")]
    public async Task Post_NotACreationOfAPod_LeftAsItIs(string operation, string resource)
    {
        var response = await ReviewAsync(Pod, operation: operation, resource: resource);

        Assert.True((bool)response["allowed"]!);
        Assert.Equal("NotPodCreation", (string?)response["auditAnnotations"]!["reason"]);
    }

    [Theory]
    [InlineData("", "must be an AdmissionReview in JSON")]
    [InlineData("{", "must be an AdmissionReview in JSON")]
    [InlineData("[]", "$.kind must be AdmissionReview")]
    [InlineData("""{"kind":"Pod"}""", "$.kind must be AdmissionReview")]
    [InlineData("""{"kind":"AdmissionReview","kind":"AdmissionReview"}""", "must be an AdmissionReview in JSON")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}""", "$.apiVersion must be admission.k8s.io/v1;")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}""", "$.request must be")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{}}""", "$.request.uid must be")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"1"}}""", "$.request.resource must be")]
    public async Task Post_NotAReview_400WithASentence(string body, string sentence)
    {
        using var response = await PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(sentence, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "$.request.object must be a pod")]
    [InlineData("""{"metadata":{}}""", "$.request.object must be a pod")]
    [InlineData("""{"metadata":[],"spec":{}}""", "$.request.object must be a pod")]
    public async Task Post_ReviewWithoutAPod_400WithASentence(string pod, string sentence)
    {
        using var response = await PostAsync(Review(pod));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(sentence, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_TooLong_413()
    {
        using var response = await PostAsync(new string(' ', AdmissionEndpoint.MaxBodyLength + 1));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Request_OfAnythingElse_RefusedAndNothingElseIsServed()
    {
        using var get = await _http.GetAsync(_host.Address, TestContext.Current.CancellationToken);
        using var metrics = await _http.GetAsync(new Uri(_host.Address, "/metrics"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, metrics.StatusCode);
    }

    [Fact]
    public async Task Post_InTheClear_DoesNotReachTheWebhook()
    {
        using var content = new StringContent(Review(Pod), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(
            new Uri(_host.ClearAddress, AdmissionEndpoint.Path), content, TestContext.Current.CancellationToken);

        Assert.Equal("in the clear", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Post_AnyReview_IsCountedByResultAndReason()
    {
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "mds_operator_admission_reviews_total" && ReferenceEquals(instrument.Meter.Scope, _host.Meters))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
            counted.Enqueue(string.Join(' ', tags.ToArray().Select(tag => $"{tag.Value}"))));
        listener.Start();

        await ReviewAsync(Pod);
        await ReviewAsync(Pod, @namespace: "team-z");
        (await PostAsync("{")).Dispose();

        Assert.Equal(["Injected Injected", "Refused NoEmulator", "Malformed Malformed"], counted);
    }

    [Fact]
    public async Task Stop_WhileApiServerStillCalls_AnswersUntilTheDelayIsOver()
    {
        Assert.Empty(_host.NotReadyBecause);

        var stopping = _host.StopAsync();

        Assert.Contains(_host.NotReadyBecause, sentence => sentence.Contains("shutting down", StringComparison.Ordinal));
        using (var response = await PostAsync(Review(Pod)))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.True(response.Headers.ConnectionClose);
        }

        Assert.False(stopping.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        await stopping;
        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(Review(Pod)));
    }

    private static string Review(
        string pod, string @namespace = "team-a", string operation = "CREATE", string resource = "pods", bool dryRun = false) =>
        $$"""
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"some-uid",
        "resource":{"group":"","version":"v1","resource":"{{resource}}"},"operation":"{{operation}}",
        "namespace":"{{@namespace}}","dryRun":{{(dryRun ? "true" : "false")}},"object":{{pod}} } }
        """;

    private async Task<JsonObject> ReviewAsync(
        string pod, string @namespace = "team-a", string operation = "CREATE", string resource = "pods", bool dryRun = false)
    {
        using var response = await PostAsync(Review(pod, @namespace, operation, resource, dryRun));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var review = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("admission.k8s.io/v1", (string?)review["apiVersion"]);
        Assert.Equal("AdmissionReview", (string?)review["kind"]);
        return review["response"]!.AsObject();
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _http.PostAsync(_host.Address, content, TestContext.Current.CancellationToken);
    }
}
