using System.Net.Http.Headers;
using System.Text.Json;

namespace Mds.Credentials;

/// <summary>
/// One call to a service that gives tokens, with every way it can fail told apart and put into a sentence. Nothing is
/// retried here: the token cache does that.
/// </summary>
/// <param name="Address">Where the service is.</param>
/// <param name="Content">What it is sent.</param>
/// <param name="Wanted">What it would refuse: <c>the login in adc.json</c>, for "ADDRESS refused the login in adc.json".</param>
/// <param name="Advice">What to do about a refusal, as a sentence.</param>
internal sealed record IssuerCall(Uri Address, HttpContent Content, string Wanted, Func<Refusal, string> Advice)
{
    /// <summary>What to send in the <c>Authorization</c> header.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    private string Issuer => IssuerText.Address(Address);

    /// <summary>Makes the call.</summary>
    /// <returns>The answer, which is a JSON object.</returns>
    /// <exception cref="TokenSourceException">There is no such answer.</exception>
    public async Task<JsonElement> SendAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = Content };
        request.Headers.Authorization = Authorization;
        request.Headers.Accept.Add(new("application/json"));
        try
        {
            using var response = await IssuerConnections.Client.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var json = Parse(body);
            return response.IsSuccessStatusCode
                ? json ?? throw Unavailable($"{Issuer} answered without a token that can be read; it does not seem to be a token endpoint.")
                : throw Failed((int)response.StatusCode, json);
        }
        catch (HttpRequestException e)
        {
            throw Unavailable($"{Issuer} could not be reached: {IssuerText.Reason(e)}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable($"{Issuer} did not answer within {IssuerConnections.CallTimeout.TotalSeconds:0.###} s.");
        }
        catch (IOException e)
        {
            throw Unavailable($"{Issuer} broke off its answer ({e.GetType().Name}).");
        }
    }

    /// <summary>A text of the answer that must be there.</summary>
    /// <exception cref="TokenSourceException">It is not.</exception>
    public string Text(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : throw Incomplete(name);

    /// <summary>A number of seconds of the answer that must be there; some issuers write it as a string.</summary>
    /// <exception cref="TokenSourceException">It is not.</exception>
    public TimeSpan Seconds(JsonElement answer, string name)
    {
        if (answer.TryGetProperty(name, out var value)
            && (value.ValueKind is JsonValueKind.Number ? value.TryGetInt64(out var seconds)
                : long.TryParse(value.ValueKind is JsonValueKind.String ? value.GetString() : null, out seconds))
            && seconds is >= 0 and < int.MaxValue)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        throw Incomplete(name);
    }

    /// <summary>The failure of an answer that lacks something.</summary>
    public TokenSourceException Incomplete(string expected) =>
        Unavailable($"{Issuer} answered without {expected}; it does not seem to be a token endpoint.");

    private TokenSourceException Failed(int status, JsonElement? json)
    {
        var refusal = json is { } body ? Read(status, body) : null;
        if (status is >= 500 or 408 or 429)
        {
            return Unavailable($"{Issuer} could not answer ({Said(status, refusal)}).");
        }

        // A proxy, a sign-in page, another server: it says nothing about the credential.
        return refusal is null
            ? Unavailable($"{Issuer} answered HTTP {status}, and not as a token endpoint does. "
                + "Check the address, and what stands between this machine and it.")
            : new(TokenSourceFault.Rejected, $"{Issuer} refused {Wanted} ({Said(status, refusal)}). {Advice(refusal)}", new RefusedException(refusal));
    }

    private static string Said(int status, Refusal? refusal) => refusal switch
    {
        null => $"HTTP {status}",
        { Description: "" } => $"HTTP {status}, {refusal.Code}",
        _ => $"HTTP {status}, {refusal.Code}: {refusal.Description.TrimEnd('.')}",
    };

    // OAuth: {"error": "invalid_grant", "error_description": "…"}. Google's APIs: {"error": {"status": "…", "message": "…"}}.
    private static Refusal? Read(int status, JsonElement body)
    {
        if (!body.TryGetProperty("error", out var error))
        {
            return null;
        }

        var (code, description) = error.ValueKind switch
        {
            JsonValueKind.String => (error.GetString(), Said(body, "error_description")),
            JsonValueKind.Object => (Said(error, "status"), Said(error, "message")),
            _ => (null, null),
        };
        return code is null ? null : new(status, IssuerText.Clean(code), IssuerText.Clean(description ?? ""));
    }

    private static string? Said(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind is JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TokenSourceException Unavailable(string message) => new(TokenSourceFault.Unavailable, message);
}
