using System.Collections.Concurrent;
using System.Globalization;

namespace Mds.Server.Telemetry;

/// <summary>Status codes as label values, each made once, so that counting a request costs no memory.</summary>
internal static class StatusCodeLabels
{
    private static readonly ConcurrentDictionary<int, string> Texts = new();

    /// <summary>The label value of a status code.</summary>
    /// <param name="statusCode">The code.</param>
    public static string Of(int statusCode) =>
        Texts.GetOrAdd(statusCode, static code => code.ToString(CultureInfo.InvariantCulture));
}
