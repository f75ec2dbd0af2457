using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Mds.Credentials;

/// <summary>What may be repeated of an issuer: its address and its words, without what could be secret in them.</summary>
internal static partial class IssuerText
{
    /// <summary>The address without user information and query, either of which could hold a secret.</summary>
    public static string Address(Uri uri) =>
        uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>The issuer's words, fit for one line of a log: short, printable, and without any token it may have sent back.</summary>
    public static string Clean(string text)
    {
        var line = TokenShape().Replace(Unprintable().Replace(text, " "), "(token)").Trim();
        return line.Length <= 300 ? line : line[..300] + "…";
    }

    /// <summary>Why a request did not get through.</summary>
    public static string Reason(HttpRequestException e) => e switch
    {
        { InnerException: SocketException socket } => socket.Message,
        { HttpRequestError: HttpRequestError.ResponseEnded } => "it closed the connection before it had answered",
        // TLS keeps its reason in the inner exception, and says so.
        { InnerException: { } inner, HttpRequestError: HttpRequestError.SecureConnectionError } => inner.Message.TrimEnd('.'),
        _ => e.Message.TrimEnd('.'),
    };

    // JWTs, Google's ya29. and AWS' tokens, keys in base64: long, and of few kinds of character. Names of resources have
    // slashes and dots between words that are shorter.
    [GeneratedRegex(@"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|ya29\.[A-Za-z0-9._-]+|[A-Za-z0-9_+/=-]{64,}")]
    private static partial Regex TokenShape();

    [GeneratedRegex(@"[^\u0020-\u007E]+")]
    private static partial Regex Unprintable();
}
