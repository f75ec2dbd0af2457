using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mds.Server.Telemetry;

/// <summary>One request on a metadata listener, as a line of JSON. Neither its answer nor anything secret is in it.</summary>
/// <param name="Time">When it was answered.</param>
/// <param name="Remote">The address that it came from; <see langword="null"/> on a Unix socket.</param>
/// <param name="Method">Its method.</param>
/// <param name="RawTarget">Its target as it was sent; written as <see cref="ShownTarget"/> shows it.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Bytes">The length of the answer's body.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Refusal">Why it was refused, if it was.</param>
/// <param name="UserAgent">The program that asked, as it says.</param>
/// <param name="Flavor">The header <c>Metadata-Flavor</c> as it was sent.</param>
internal readonly record struct AccessLogLine(
    DateTimeOffset Time,
    string? Remote,
    string Method,
    string RawTarget,
    int Status,
    long Bytes,
    TimeSpan Elapsed,
    string? Refusal,
    string? UserAgent,
    string? Flavor)
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the line with its end.</summary>
    /// <param name="output">Where to.</param>
    public void WriteTo(IBufferWriter<byte> output)
    {
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteString("time", Time);
            json.WriteString("remote", Remote);
            json.WriteString("method", Method);
            json.WriteString("target", ShownTarget.Of(RawTarget));
            json.WriteNumber("status", Status);
            json.WriteNumber("bytes", Bytes);
            json.WriteNumber("seconds", Math.Round(Elapsed.TotalSeconds, 6));
            if (Refusal is not null)
            {
                json.WriteString("refusal", Refusal);
            }

            json.WriteString("userAgent", UserAgent);
            json.WriteString("flavor", Flavor);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
