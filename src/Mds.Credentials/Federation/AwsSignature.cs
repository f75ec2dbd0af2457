using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mds.Credentials;

/// <summary>AWS' Signature Version 4 of the one request that federation needs: a POST without a body to AWS' STS.</summary>
internal static class AwsSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Service = "sts";

    /// <summary>The headers of the signed request, in the order of their names.</summary>
    /// <param name="url">Where it goes.</param>
    /// <param name="region">The region.</param>
    /// <param name="credentials">What to sign with.</param>
    /// <param name="targetResource">What Google wants signed as well: whom the request is for.</param>
    /// <param name="now">The moment.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(
        Uri url, string region, AwsCredentials credentials, string targetResource, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var date = time[..8];
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = url.IsDefaultPort ? url.Host : $"{url.Host}:{url.Port}",
            ["x-amz-date"] = time,
            ["x-goog-cloud-target-resource"] = targetResource,
        };
        if (credentials.SessionToken is { } token)
        {
            headers["x-amz-security-token"] = token;
        }

        var names = string.Join(';', headers.Keys);
        var canonical = string.Join('\n',
            "POST",
            url.AbsolutePath,
            CanonicalQuery(url),
            string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n")),
            names,
            Hash(""));
        var scope = $"{date}/{region}/{Service}/aws4_request";
        var toSign = $"{Algorithm}\n{time}\n{scope}\n{Hash(canonical)}";
        var key = Hmac(Hmac(Hmac(Hmac(Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey), date), region), Service), "aws4_request");
        var signature = Convert.ToHexStringLower(Hmac(key, toSign));
        return
        [
            new("Authorization", $"{Algorithm} Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={signature}"),
            .. headers,
        ];
    }

    private static string CanonicalQuery(Uri url) =>
        string.Join('&', url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
