using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Mds.Server.Tests.Robustness;

/// <summary>Requests that nobody in their right mind sends, made of pieces that the server knows and of any bytes.</summary>
internal static class RequestFuzz
{
    private const string Account = "/computeMetadata/v1/instance/service-accounts/default/";

    private static readonly string[] Methods = ["GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "PUT", "DELETE", "POST", "PATCH", "get", "G\tT", "CONNECT", "TRACE", "OPTIONS", ""];

    private static readonly string[] Paths =
    [
        "/", "/computeMetadata/v1/", "/computeMetadata/v1/instance/", "/computeMetadata/v1/instance/attributes/a", "/computeMetadata/v1/instance/tags",
        "/computeMetadata/v1/instance/guest-attributes/a/b", "/computeMetadata/v1/oslogin/users", "/computeMetadata/v1beta1/instance/", "/0.1/meta-data/",
        Account, Account + "token", Account + "identity", Account + "identity?audience=a", "//", "/..", "*", "http://a/", "a:80", "",
    ];

    private static readonly string[] Parameters =
        ["recursive", "alt", "wait_for_change", "last_etag", "timeout_sec", "audience", "format", "licenses", "scopes", "enforce_scopes", "username", "uid", "pagesize"];

    private static readonly string[] Values =
        ["true", "false", "json", "text", "full", "0", "1", "-1", "99999999999999999999", "NONE", "%", "%zz", "%00", "%ff%fe", "+", "a b", "é", "\"", "<", "#", "?", "="];

    private static readonly string[] HeaderNames =
    [
        "Metadata-Flavor", "Metadata-Flavor", "Metadata-Flavor", "X-Forwarded-For", "Host", "Content-Length", "Transfer-Encoding", "Expect", "Connection",
        "Accept-Encoding", "Range", "If-None-Match", "Upgrade", "Content-Type", "Cookie", "User-Agent",
    ];

    private static readonly string[] HeaderValues =
        ["Google", "Google", "Google", "google", "chunked", "0", "5", "-1", "18446744073709551616", "100-continue", "close", "keep-alive", "gzip", "bytes=0-1", "h2c", "*", ""];

    private static readonly string[] WritablePaths =
    [
        "/computeMetadata/v1/instance/guest-attributes/a/b", "/computeMetadata/v1/instance/guest-attributes/a/b", "/computeMetadata/v1/instance/guest-attributes/a/",
        "/computeMetadata/v1/oslogin/authenticate/sessions/start", "/computeMetadata/v1/oslogin/authenticate/sessions/1/continue",
    ];

    private static readonly string[] Json =
    [
        "{}", "[]", "null", "\"", "{\"email\":", """{"email":"a@b.example","supportedChallengeTypes":["AUTHZEN","TOTP"]}""", """{"email":1,"supportedChallengeTypes":{}}""",
        """{"email":"a","email":"b","supportedChallengeTypes":[null]}""", """{"challengeId":99999999999999999999,"action":"RESPOND","proposalResponse":{"credential":"\ud800"}}""",
        new string('[', 5_000), """{"email":"\u0000"}""",
    ];

    // Any byte, ends of lines among them, and now and then very many.
    private static readonly Gen<string> Bytes = Gen.Frequency(
        (8, Gen.ListOf(Gen.Choose(0, 255), 6).Select(Text)),
        (4, Gen.ListOf(Gen.Choose(33, 126), 12).Select(Text)),
        (1, from length in Gen.Choose(0, 20_000) from value in Gen.Choose(0, 255) select new string((char)value, length)),
        (1, Gen.Elements("\r\n", "\r\n\r\n", "\n", "\0", "../", "%2e%2e/", "\u0080")));

    private static readonly Gen<string> Target =
        from path in Gen.Frequency((9, Gen.Elements(Paths)), (1, Bytes))
        from tail in Gen.Frequency((8, Gen.Constant("")), (1, Bytes), (1, Bytes.Select(Uri.EscapeDataString)))
        from query in Gen.ListOf(Parameter, 2)
        from count in Gen.Choose(0, 2)
        select path + tail + (count == 0 ? "" : "?" + string.Join('&', query.Take(count)));

    private static readonly Gen<string> Header =
        from name in Gen.Frequency((9, Gen.Elements(HeaderNames)), (1, Bytes))
        from colon in Gen.Frequency((20, Gen.Constant(": ")), (1, Gen.Elements("", ":", " : ", ":\t")))
        from value in Gen.Frequency((9, Gen.Elements(HeaderValues)), (1, Bytes))
        select name + colon + value;

    // Understood by a server that is still in its right mind, it ends the connection.
    private const string Last = "GET / HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\nConnection: close\r\n\r\n";

    private static readonly Gen<byte[]> Reads =
        from method in Gen.Frequency((12, Gen.Elements(Methods)), (1, Bytes))
        from target in Target
        from plain in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false)))
        from headers in Gen.ListOf(Header, 3)
        from count in Gen.Choose(0, 1)
        from body in Gen.Frequency((5, Gen.Constant("")), (1, Bytes))
        select Encoding.Latin1.GetBytes(string.Join("\r\n",
        [
            $"{method} {target} HTTP/1.1",
            .. plain ? new[] { "Host: metadata.google.internal", "Metadata-Flavor: Google" } : [],
            .. plain ? headers.Take(count) : headers,
            "",
            body,
        ]) + Last);

    // With a body as long as it is said to be: what reads bodies sees no other.
    private static readonly Gen<byte[]> Writes =
        from method in Gen.Elements("PUT", "POST", "DELETE")
        from path in Gen.Elements(WritablePaths)
        from body in Gen.Frequency((1, Gen.Elements(Json)), (1, Bytes))
        from isChunked in Gen.Elements(true, false)
        select Encoding.Latin1.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: metadata.google.internal\r\nMetadata-Flavor: Google\r\n"
            + (isChunked
                ? $"Transfer-Encoding: chunked\r\n\r\n{(body.Length == 0 ? "" : $"{body.Length:x}\r\n{body}\r\n")}0\r\n\r\n"
                : $"Content-Length: {body.Length}\r\n\r\n{body}")
            + Last);

    /// <summary>What is sent on one connection: a request as HTTP has it, or nearly, and a good one behind it.</summary>
    public static Gen<byte[]> Requests { get; } = Gen.Frequency((5, Reads), (1, Writes));

    private static Gen<string> Parameter =>
        from name in Gen.Frequency((6, Gen.Elements(Parameters)), (1, Bytes))
        from value in Gen.Frequency((9, Gen.Elements(Values)), (1, Bytes))
        select $"{name}={value}";

    private static string Text(IEnumerable<int> characters) => string.Concat(characters.Select(character => (char)character));
}
