using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>
/// Judges a signed <c>GetCallerIdentity</c> request as AWS would if Google sent it: by computing the signature anew from
/// what was signed. Written without the code under test, after AWS' description of Signature Version 4.
/// </summary>
internal static class AwsRequest
{
    /// <summary>Who signed it; the second value says what is wrong when nobody did.</summary>
    public static (AwsIdentity? Identity, string? Wrong) Judge(string subjectToken, Provider provider, DateTimeOffset now)
    {
        JsonObject request;
        try
        {
            request = JsonNode.Parse(Uri.UnescapeDataString(subjectToken))!.AsObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            return (null, "Unable to parse the subject token.");
        }

        var url = new Uri((string)request["url"]!);
        var headers = request["headers"]!.AsArray().ToDictionary(
            header => ((string)header!["key"]!).ToLowerInvariant(), header => (string)header!["value"]!, StringComparer.Ordinal);
        if ((string?)request["method"] != "POST"
            || url.Query != "?Action=GetCallerIdentity&Version=2011-06-15"
            || !url.Host.StartsWith("sts.", StringComparison.Ordinal))
        {
            return (null, "The request is not a GetCallerIdentity.");
        }

        if (headers.GetValueOrDefault("x-goog-cloud-target-resource") is not { } resource || !resource.EndsWith(provider.Name, StringComparison.Ordinal))
        {
            return (null, "The x-goog-cloud-target-resource header does not name the provider.");
        }

        // Authorization: AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/sts/aws4_request, SignedHeaders=a;b, Signature=HEX
        var parts = headers["authorization"]["AWS4-HMAC-SHA256 ".Length..].Split(", ").Select(part => part.Split('=', 2))
            .ToDictionary(part => part[0], part => part[1]);
        var credential = parts["Credential"].Split('/');
        var signedNames = parts["SignedHeaders"].Split(';');
        var stamp = headers["x-amz-date"];
        if (provider.AwsIdentities.FirstOrDefault(known => known.AccessKeyId == credential[0]) is not { } identity
            || identity.SessionToken != headers.GetValueOrDefault("x-amz-security-token"))
        {
            return (null, "The security token included in the request is invalid.");
        }

        if (!DateTimeOffset.TryParseExact(stamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            || now - at > TimeSpan.FromMinutes(5)
            || !stamp.StartsWith(credential[1], StringComparison.Ordinal))
        {
            return (null, $"Signature expired: {stamp} is now earlier than {now:yyyyMMdd'T'HHmmss'Z'} (5 min.)");
        }

        if (at - now > TimeSpan.FromMinutes(5))
        {
            return (null, $"Signature not yet current: {stamp} is still later than {now:yyyyMMdd'T'HHmmss'Z'} (5 min.)");
        }

        string[] mustBeSigned = ["host", "x-amz-date", "x-goog-cloud-target-resource"];
        if (mustBeSigned.Except(signedNames).Any() || credential[3] != "sts" || headers["host"] != url.Authority || !url.Host.Contains(credential[2], StringComparison.Ordinal))
        {
            return (null, "The request signature does not cover the request.");
        }

        var canonical = new StringBuilder("POST\n").Append(url.AbsolutePath).Append('\n').Append(url.Query[1..]).Append('\n');
        foreach (var name in signedNames)
        {
            canonical.Append(name).Append(':').Append(headers[name].Trim()).Append('\n');
        }

        canonical.Append('\n').Append(string.Join(';', signedNames)).Append('\n').Append(Hex(SHA256.HashData([])));
        var toSign = $"AWS4-HMAC-SHA256\n{stamp}\n{string.Join('/', credential[1..])}\n{Hex(SHA256.HashData(Bytes(canonical.ToString())))}";
        var key = Bytes("AWS4" + identity.SecretAccessKey);
        foreach (var step in credential[1..])
        {
            key = HMACSHA256.HashData(key, Bytes(step));
        }

        return Hex(HMACSHA256.HashData(key, Bytes(toSign))) == parts["Signature"]
            ? (identity, null)
            : (null, "The request signature we calculated does not match the signature you provided.");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
