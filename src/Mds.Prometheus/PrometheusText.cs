using System.Globalization;
using System.Text;

namespace Mds.Prometheus;

/// <summary>The text format of Prometheus, version 0.0.4 (docs: prometheus.io, "Exposition formats").</summary>
internal static class PrometheusText
{
    /// <summary>Renders metrics in the order given; the series of each in the order of their labels.</summary>
    /// <param name="families">The metrics.</param>
    public static string Render(IEnumerable<Family> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            if (family.Help.Length > 0)
            {
                text.Append("# HELP ").Append(family.Name).Append(' ')
                    .Append(family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                    .Append('\n');
            }

            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(TypeName(family.Type)).Append('\n');
            foreach (var (labels, series) in family.Series
                .Select(entry => (Labels(family.LabelNames, entry.Key), entry.Value))
                .OrderBy(static entry => entry.Item1, StringComparer.Ordinal))
            {
                Append(text, family, labels, series);
            }
        }

        return text.ToString();
    }

    /// <summary>Makes a valid metric name of an instrument's name.</summary>
    /// <param name="name">The instrument's name.</param>
    public static string MetricName(string name) => Valid(name, static c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':');

    /// <summary>Makes a valid label name of a tag's key.</summary>
    /// <param name="name">The key.</param>
    public static string LabelName(string name) => Valid(name, static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static string Valid(string name, Func<char, bool> allowed)
    {
        var valid = string.Concat(name.Select(c => allowed(c) ? c : '_'));
        return valid.Length == 0 || char.IsAsciiDigit(valid[0]) ? "_" + valid : valid;
    }

    private static void Append(StringBuilder text, Family family, string labels, Series series)
    {
        if (family.Type != MetricType.Histogram)
        {
            AppendSample(text, family.Name, labels, series.Value);
            return;
        }

        var count = 0L;
        var buckets = series.Buckets();
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            var bound = i < family.Bounds.Length ? Number(family.Bounds[i]) : "+Inf";
            var separator = labels.Length > 0 ? "," : "";
            AppendSample(text, family.Name + "_bucket", $"{labels}{separator}le=\"{bound}\"", count);
        }

        AppendSample(text, family.Name + "_sum", labels, series.Value);
        // The same number as the last bucket, though measurements go on meanwhile.
        AppendSample(text, family.Name + "_count", labels, count);
    }

    private static void AppendSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(IReadOnlyList<string> names, LabelValues values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < names.Count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(names[i]).Append("=\"")
                .Append(Convert.ToString(values[i], CultureInfo.InvariantCulture)?
                    .Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal)
                    .Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }

        return text.ToString();
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        // Exact up to 2^53, and without the exponent that "R" turns to at 1e15.
        _ when Math.Abs(value) < 1e15 && value == Math.Truncate(value) => ((long)value).ToString(CultureInfo.InvariantCulture),
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string TypeName(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Gauge => "gauge",
        _ => "histogram",
    };
}
