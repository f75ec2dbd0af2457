using System.Globalization;
using System.Text;
using Mds.Metadata;

namespace Mds.Benchmarks;

/// <summary>Claims with as many attributes as wanted.</summary>
internal static class AttributeClaims
{
    /// <summary>Makes a document.</summary>
    /// <param name="attributes">How many.</param>
    public static Claims Of(int attributes)
    {
        var json = new StringBuilder("""{"project":{"projectId":"bench-project","numericProjectId":1},"instance":{"attributes":{""");
        for (var i = 0; i < attributes; i++)
        {
            json.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}\"{Name(i)}\":\"the value of attribute {i}\"");
        }

        return Claims.Parse(Encoding.UTF8.GetBytes(json.Append("}}}").ToString()), "claims.json");
    }

    /// <summary>The name of one of them.</summary>
    /// <param name="index">Which.</param>
    public static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"attribute-{index:D6}");
}
