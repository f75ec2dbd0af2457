using System.Net;
using Google;
using Google.Apis.Auth;
using Google.Apis.Auth.OAuth2.Responses;

namespace Mds.Credentials;

/// <summary>What Google's credentials code throws, as faults and sentences.</summary>
/// <param name="Account">The account that the assertion speaks for.</param>
/// <param name="TokenUri">Where it was sent.</param>
/// <param name="Timeout">How long an answer was waited for.</param>
internal sealed record TokenExchangeFailures(string Account, Uri TokenUri, TimeSpan Timeout)
{
    private string Issuer => IssuerText.Address(TokenUri);

    public static bool IsForeseen(Exception e, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && e is TokenResponseException or HttpRequestException or OperationCanceledException
            or InvalidJwtException or GoogleApiException or IOException or NullReferenceException;

    public TokenSourceException Incomplete(string expected) =>
        Unavailable($"{Issuer} answered without {expected}; it does not seem to be a token endpoint.");

    /// <summary>
    /// The exception in our words. The original does not go along: it may quote what the issuer sent, and an issuer
    /// might send back what it was sent.
    /// </summary>
    public TokenSourceException Translate(Exception e) => e switch
    {
        TokenResponseException response => Refusal(response),
        HttpRequestException request => Unavailable($"{Issuer} could not be reached: {IssuerText.Reason(request)}."),
        OperationCanceledException => Unavailable($"{Issuer} did not answer within {Timeout.TotalSeconds:0.###} s."),
        // Google.Apis.Auth looks into every answer, and one that is empty or the JSON null has no inside.
        InvalidJwtException or NullReferenceException => Incomplete("a token that can be read"),
        _ => Unavailable($"{Issuer} broke off its answer ({e.GetType().Name})."),
    };

    private TokenSourceException Refusal(TokenResponseException e)
    {
        var status = e.StatusCode ?? HttpStatusCode.BadGateway;
        var code = e.Error?.Error ?? "";
        var description = IssuerText.Clean(e.Error?.ErrorDescription ?? "");
        // Google.Apis.Auth puts a sentence of its own where an answer was not JSON; an error code has no spaces.
        var isOAuth = code.Length > 0 && !code.Contains(' ', StringComparison.Ordinal);
        if (!isOAuth && (int)status is < 500 and not (408 or 429))
        {
            // A proxy, a sign-in page, another server: it says nothing about the key.
            return Unavailable(
                $"{Issuer} answered HTTP {(int)status}, and not as a token endpoint does. "
                + "Check \"token_uri\" in the key file, and what stands between this machine and it.");
        }

        var said = (isOAuth, description) switch
        {
            (false, _) => $"HTTP {(int)status}, not an OAuth answer",
            (true, "") => $"HTTP {(int)status}, {IssuerText.Clean(code)}",
            _ => $"HTTP {(int)status}, {IssuerText.Clean(code)}: {description.TrimEnd('.')}",
        };
        if ((int)status is >= 500 or < 400 or 408 or 429)
        {
            return Unavailable($"{Issuer} could not answer ({said}).");
        }

        return new(TokenSourceFault.Rejected, $"{Issuer} refused the key of {Account} ({said}). {Advice(code, description)}");
    }

    private static string Advice(string code, string description) => code switch
    {
        "invalid_grant" when Says(description, "signature") =>
            "The private key is not one of the account's keys: it was deleted, or it belongs to another account. Make a new key.",
        "invalid_grant" when Says(description, "account not found") || Says(description, "disabled") =>
            "The service account does not exist any more or is disabled.",
        "invalid_grant" when Says(description, "iat and exp") || Says(description, "short-lived") =>
            "Compare this machine's clock with the issuer's.",
        "invalid_grant" when Says(description, "audience") =>
            "The key file's \"token_uri\" names an issuer that this key is not for.",
        "invalid_scope" => "Ask for scopes that exist: https://developers.google.com/identity/protocols/oauth2/scopes.",
        _ => "Asking again changes nothing until the account or its key is mended.",
    };

    private static bool Says(string description, string word) =>
        description.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static TokenSourceException Unavailable(string message) => new(TokenSourceFault.Unavailable, message);
}
