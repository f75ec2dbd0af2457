using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Operator.Admission;
using Mds.Operator.Certificates;
using Mds.Operator.Tests.Admission;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mds.Operator.Tests.Certificates;

public sealed class WebhookCertificatesTests
{
    private static readonly JsonObject EmptySecret = JsonNode.Parse("""
        {"metadata":{"name":"mds-webhook-ca","namespace":"mds","labels":{"helm":"1"}},"type":"Opaque"}
        """)!.AsObject();

    private readonly FakeCluster _cluster = new();
    private readonly ManualTime _time = new();
    private readonly List<WebhookCertificates> _replicas = [];
    private readonly StringBuilder _log = new();

    [Fact]
    public async Task LookAfter_NothingThere_MakesAuthorityAndIsTrusted()
    {
        var replica = Replica();
        Assert.NotNull(replica.NotReadyBecause);

        await LookAfterAsync(replica);

        Assert.Null(replica.NotReadyBecause);
        var names = replica.Current!.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames();
        Assert.Contains("mds-webhook.mds.svc", names);
        Assert.InRange(replica.Current!.NotAfter - _time.GetUtcNow().UtcDateTime.ToLocalTime(), TimeSpan.FromDays(6.9), TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task LookAfter_EmptySecretOfTheChart_IsFilledAndKeepsItsLabels()
    {
        _cluster.SetSecret(EmptySecret);

        await LookAfterAsync(Replica());

        Assert.Equal("1", (string?)_cluster.Secret!["metadata"]!["labels"]!["helm"]);
        Assert.NotNull(AuthoritySecret.Read(_cluster.Secret).Bundle);
    }

    [Fact]
    public async Task LookAfter_AllInOrder_WritesNothing()
    {
        var replica = Replica();
        await LookAfterAsync(replica);
        var (writes, certificate) = (_cluster.Writes, replica.Current);

        await LookAfterAsync(replica);

        Assert.Equal(writes, _cluster.Writes);
        Assert.Same(certificate, replica.Current);
    }

    [Fact]
    public async Task LookAfter_NoConfiguration_IsNotReadyAndWritesNothing()
    {
        _cluster.SetConfiguration(null);
        var replica = Replica();

        await LookAfterAsync(replica);

        Assert.Contains("MutatingWebhookConfiguration mds", replica.NotReadyBecause, StringComparison.Ordinal);
        Assert.Equal(0, _cluster.Writes);
    }

    [Fact]
    public async Task LookAfter_ShutDown_WritesNothing()
    {
        var shutdown = new ShutdownDelay(WebhookHost.Options("mds"), _time);
        var replica = Replica(shutdown);
        await shutdown.StoppingAsync(TestContext.Current.CancellationToken);

        await LookAfterAsync(replica);

        Assert.Equal(0, _cluster.Writes);
    }

    [Fact]
    public async Task LookAfter_TwoThirdsOfTheCertificatesLife_RenewsItAndKeepsTheAuthority()
    {
        var replica = Replica();
        await LookAfterAsync(replica);
        var (first, authority) = (replica.Current!, Authority());

        _time.Advance(TimeSpan.FromDays(4.6));
        await LookAfterAsync(replica);
        Assert.Same(first, replica.Current);
        _time.Advance(TimeSpan.FromDays(0.2));
        await LookAfterAsync(replica);

        Assert.NotSame(first, replica.Current);
        Assert.Equal(authority, Authority());
        Assert.Null(replica.NotReadyBecause);
    }

    [Fact]
    public async Task LookAfter_AuthorityRotates_EveryReplicaIsTrustedAtEveryMoment()
    {
        var (one, two) = (Replica(), Replica());
        await LookAfterAsync(one, two);
        var old = Authority();
        for (var day = 0; day < 240; day += 4)
        {
            _time.Advance(TimeSpan.FromDays(4));
            await LookAfterAsync(one, two);
        }

        Assert.Equal(old, Authority());

        // From here on each write to the cluster is checked against what both replicas serve at that moment.
        var checks = 0;
        _cluster.Changed += () =>
        {
            checks++;
            AssertAllTrusted();
        };
        _time.Advance(TimeSpan.FromDays(4));
        await LookAfterAsync(one);
        Assert.NotEqual(old, Authority());
        AssertAllTrusted();
        for (var day = 0; day < 10; day++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            await LookAfterAsync(two, one);
            AssertAllTrusted();
        }

        Assert.InRange(checks, 2, 3);
        Assert.All(_replicas, replica => Assert.True(replica.Current!.IsTrustedBy([Bundle().Current.Certificate], _time.GetUtcNow())));
        Assert.Contains(Bundle().Previous, certificate => certificate.Thumbprint == old);
    }

    [Fact]
    public async Task LookAfter_ClockJumpsYears_StartsAnewAtOnce()
    {
        var replica = Replica();
        await LookAfterAsync(replica);

        _time.Advance(TimeSpan.FromDays(1000));
        await LookAfterAsync(replica);

        Assert.Null(replica.NotReadyBecause);
        Assert.Empty(Bundle().Previous);
    }

    [Fact]
    public async Task LookAfter_ClockJumpsBack_IsTrustedAtThatTime()
    {
        var replica = Replica();
        await LookAfterAsync(replica);

        _time.Advance(TimeSpan.FromDays(-30));
        await LookAfterAsync(replica);

        Assert.Null(replica.NotReadyBecause);
        AssertAllTrusted();
    }

    [Fact]
    public async Task LookAfter_SecretDeleted_SameAuthorityIsWrittenAgain()
    {
        var replica = Replica();
        await LookAfterAsync(replica);
        var (authority, certificate) = (Authority(), replica.Current);

        _cluster.SetSecret(null);
        await LookAfterAsync(replica);

        Assert.Equal(authority, Authority());
        Assert.Same(certificate, replica.Current);
    }

    [Fact]
    public async Task LookAfter_SecretDeletedAndANewReplicaIsFaster_OldReplicaStaysTrusted()
    {
        var old = Replica();
        await LookAfterAsync(old);
        var authority = Authority();
        _cluster.SetSecret(null);

        await LookAfterAsync(Replica());

        Assert.NotEqual(authority, Authority());
        AssertAllTrusted();
        await LookAfterAsync(old);
        AssertAllTrusted();
    }

    [Fact]
    public async Task LookAfter_AnotherReplicaWasFaster_TakesItsAuthority()
    {
        var (one, two) = (Replica(), Replica());
        await LookAfterAsync(one);
        var authority = Authority();

        await LookAfterAsync(two);

        Assert.Equal(authority, Authority());
        Assert.Null(two.NotReadyBecause);
        Assert.NotEqual(one.Current!.Thumbprint, two.Current!.Thumbprint);
    }

    [Theory]
    [InlineData("ca.key", null)]
    [InlineData("ca.crt", null)]
    [InlineData("ca.crt", "bm90IFBFTQ==")]
    [InlineData("ca.key", "not base64")]
    [InlineData("ca.key", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCmJyb2tlbgotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0tCg==")]
    [InlineData("previous-ca.crt", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=")]
    public async Task LookAfter_SecretSpoilt_IsReplacedWithoutAGap(string key, string? value)
    {
        var replica = Replica();
        await LookAfterAsync(replica);
        var spoilt = _cluster.Secret!.DeepClone().AsObject();
        spoilt["data"]![key] = value;
        _cluster.SetSecret(spoilt);

        await LookAfterAsync(replica);
        await LookAfterAsync(Replica());

        Assert.NotNull(AuthoritySecret.Read(_cluster.Secret).Bundle);
        AssertAllTrusted();
        Assert.All(_replicas, r => Assert.Null(r.NotReadyBecause));
    }

    [Fact]
    public async Task LookAfter_KeyOfAnotherAuthority_IsReplaced()
    {
        await LookAfterAsync(Replica());
        var mixed = _cluster.Secret!.DeepClone().AsObject();
        var other = CertificateAuthority.Create(_time.GetUtcNow(), TimeSpan.FromDays(365));
        mixed["data"]!["ca.key"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(other.ExportKeyPem()));
        _cluster.SetSecret(mixed);

        await LookAfterAsync(Replica());

        Assert.NotNull(AuthoritySecret.Read(_cluster.Secret).Bundle);
        AssertAllTrusted();
    }

    [Fact]
    public async Task LookAfter_AuthorityThatMayNotSign_IsReplaced()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=brought along", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(_time.GetUtcNow(), _time.GetUtcNow().AddYears(1));
        var secret = EmptySecret.DeepClone().AsObject();
        secret["data"] = new JsonObject
        {
            ["ca.crt"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem())),
            ["ca.key"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(key.ExportPkcs8PrivateKeyPem())),
        };
        _cluster.SetSecret(secret);

        await LookAfterAsync(Replica());

        Assert.NotNull(AuthoritySecret.Read(_cluster.Secret!).Bundle);
        AssertAllTrusted();
    }

    [Fact]
    public async Task LookAfter_FailureNobodyForesaw_IsTriedAgain()
    {
        var replica = Replica();
        _cluster.Trouble = new InvalidOperationException("what is this?");
        await LookAfterAsync(replica);
        Assert.Contains("what is this?", replica.NotReadyBecause, StringComparison.Ordinal);

        _cluster.Trouble = null;
        await LookAfterAsync(replica);

        Assert.Null(replica.NotReadyBecause);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Z2FyYmFnZQ==")]
    public async Task LookAfter_BundleWiped_IsPutBackAndNothingElseTouched(string? caBundle)
    {
        var replica = Replica();
        await LookAfterAsync(replica);
        var good = _cluster.Configuration!.DeepClone();
        var (certificate, wiped) = (replica.Current, _cluster.Configuration!.DeepClone().AsObject());
        wiped["webhooks"]![0]!["clientConfig"]!["caBundle"] = caBundle;
        _cluster.SetConfiguration(wiped);

        await LookAfterAsync(replica);

        Assert.True(JsonNode.DeepEquals(good, _cluster.Configuration));
        Assert.Same(certificate, replica.Current);
        Assert.Null(replica.NotReadyBecause);
    }

    [Fact]
    public async Task LookAfter_BundleWipedAndApiServerDown_IsNotReadyUntilItIsBack()
    {
        var replica = Replica();
        await LookAfterAsync(replica);
        var wiped = _cluster.Configuration!.DeepClone().AsObject();
        wiped["webhooks"]![0]!["clientConfig"]!.AsObject().Remove("caBundle");
        _cluster.SetConfiguration(wiped);
        _cluster.Trouble = new HttpRequestException("connection refused");

        await LookAfterAsync(replica);
        Assert.NotNull(replica.NotReadyBecause);
        _cluster.Trouble = null;
        await LookAfterAsync(replica);

        Assert.Null(replica.NotReadyBecause);
    }

    [Fact]
    public async Task LookAfter_FirstWritesFail_SaysWhyAndServesNothing()
    {
        _cluster.Trouble = new HttpRequestException("secrets is forbidden");
        var replica = Replica();

        await LookAfterAsync(replica);

        Assert.Contains("secrets is forbidden", replica.NotReadyBecause, StringComparison.Ordinal);
        Assert.Null(replica.Current);
    }

    [Fact]
    public async Task LookAfter_Always_KeepsKeysOutOfTheLog()
    {
        var replica = Replica();
        await LookAfterAsync(replica);
        var spoilt = _cluster.Secret!.DeepClone().AsObject();
        spoilt["data"]!["ca.crt"] = spoilt["data"]!["ca.key"]!.DeepClone();
        _cluster.SetSecret(spoilt);
        await LookAfterAsync(replica);

        var key = Encoding.UTF8.GetString(Convert.FromBase64String((string)_cluster.Secret!["data"]!["ca.key"]!));
        Assert.Contains("mds-webhook-ca", _log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", _log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('\n')[1], _log.ToString(), StringComparison.Ordinal);
    }

    private static async Task LookAfterAsync(params WebhookCertificates[] replicas)
    {
        foreach (var replica in replicas)
        {
            await replica.LookAfterAsync(TestContext.Current.CancellationToken);
        }
    }

    private WebhookCertificates Replica(ShutdownDelay? shutdown = null)
    {
        var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var options = WebhookHost.Options("mds");
        var replica = new WebhookCertificates(
            _cluster, options, shutdown ?? new ShutdownDelay(options, _time), _time,
            services.GetRequiredService<IMeterFactory>(), new TextLogger<WebhookCertificates>(_log));
        _replicas.Add(replica);
        return replica;
    }

    private AuthorityBundle Bundle() => AuthoritySecret.Read(_cluster.Secret!).Bundle!;

    private string Authority() => Bundle().Current.Certificate.Thumbprint;

    private void AssertAllTrusted()
    {
        var published = PublishedBundle.Read(_cluster.Configuration!);
        Assert.All(_replicas, replica => Assert.True(replica.Current!.IsTrustedBy(published, _time.GetUtcNow())));
    }

    private sealed class TextLogger<T>(StringBuilder text) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            text.AppendLine($"{formatter(state, exception)} {exception}");
    }
}
