using System.Diagnostics.Metrics;

namespace Mds.Prometheus.Tests;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly PrometheusExporter _exporter;

    public PrometheusExporterTests() => _exporter = new PrometheusExporter(meter => meter == _meter);

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Render_Counter_AddsUpPerLabelSet()
    {
        var counter = _meter.CreateCounter<long>("requests", description: "How many.");

        counter.Add(1, new("code", 200), new("path", "/a"));
        counter.Add(2, new("code", 200), new("path", "/a"));
        counter.Add(1, new("code", 404), new("path", "/a"));

        Assert.Equal(
            """
            # HELP requests How many.
            # TYPE requests counter
            requests{code="200",path="/a"} 3
            requests{code="404",path="/a"} 1

            """,
            _exporter.Render());
    }

    [Fact]
    public void Render_UpDownCounter_IsGauge()
    {
        var counter = _meter.CreateUpDownCounter<int>("waiters");

        counter.Add(3);
        counter.Add(-1);

        Assert.Equal("# TYPE waiters gauge\nwaiters 2\n", _exporter.Render());
    }

    [Fact]
    public void Render_ObservableGauge_ForgetsSeriesThatAreNotStatedAgain()
    {
        string[] accounts = ["a", "b"];
        _meter.CreateObservableGauge("valid", () => accounts.Select(account => new Measurement<double>(0.5, new KeyValuePair<string, object?>("account", account))));
        var before = _exporter.Render();

        accounts = ["b"];

        Assert.Equal("# TYPE valid gauge\nvalid{account=\"a\"} 0.5\nvalid{account=\"b\"} 0.5\n", before);
        Assert.Equal("# TYPE valid gauge\nvalid{account=\"b\"} 0.5\n", _exporter.Render());
    }

    [Fact]
    public void Render_Histogram_CountsCumulatively()
    {
        var histogram = _meter.CreateHistogram("latency_seconds", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });

        histogram.Record(0.1, new KeyValuePair<string, object?>("path", "/"));
        histogram.Record(0.5, new KeyValuePair<string, object?>("path", "/"));
        histogram.Record(30, new KeyValuePair<string, object?>("path", "/"));

        Assert.Equal(
            """
            # TYPE latency_seconds histogram
            latency_seconds_bucket{path="/",le="0.1"} 1
            latency_seconds_bucket{path="/",le="1"} 2
            latency_seconds_bucket{path="/",le="+Inf"} 3
            latency_seconds_sum{path="/"} 30.6
            latency_seconds_count{path="/"} 3

            """,
            _exporter.Render());
    }

    [Fact]
    public void Render_QuotesBackslashesAndLineBreaks_AreEscaped()
    {
        var counter = _meter.CreateCounter<long>("odd.name", description: "one\\two\nthree");

        counter.Add(1, new KeyValuePair<string, object?>("a-b", "x\"y\\z\n"));

        Assert.Equal(
            """
            # HELP odd_name one\\two\nthree
            # TYPE odd_name counter
            odd_name{a_b="x\"y\\z\n"} 1

            """,
            _exporter.Render());
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(1764000000, "1764000000")]
    [InlineData(0.000001, "1E-06")]
    public void Render_Number_IsWrittenAsPrometheusReadsIt(double value, string text)
    {
        _meter.CreateObservableGauge("number", () => value);

        Assert.Equal($"# TYPE number gauge\nnumber {text}\n", _exporter.Render());
    }

    [Fact]
    public void Render_OtherMeter_IsLeftOut()
    {
        using var other = new Meter("test");
        other.CreateCounter<long>("other").Add(1);

        Assert.Equal("", _exporter.Render());
    }

    [Fact]
    public void Render_MeasurementsAndRenderingAtOnce_LosesNone()
    {
        var counter = _meter.CreateCounter<long>("requests");
        var histogram = _meter.CreateHistogram<double>("seconds");

        Parallel.For(0, 10_000, i =>
        {
            counter.Add(1, new KeyValuePair<string, object?>("path", i % 3));
            histogram.Record(1);
            if (i % 1000 == 0)
            {
                _exporter.Render();
            }
        });

        var text = _exporter.Render();
        Assert.Contains("requests{path=\"0\"} 3334\n", text);
        Assert.Contains("requests{path=\"2\"} 3333\n", text);
        Assert.Contains("seconds_count 10000\n", text);
    }

    [Fact]
    public void Render_LabelWithoutBound_KeepsSeriesBounded()
    {
        var counter = _meter.CreateCounter<long>("requests");

        for (var i = 0; i < Family.MostSeries + 10; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("path", i));
        }

        Assert.Equal(Family.MostSeries, _exporter.Render().Split('\n').Count(line => line.StartsWith("requests{", StringComparison.Ordinal)));
    }
}
