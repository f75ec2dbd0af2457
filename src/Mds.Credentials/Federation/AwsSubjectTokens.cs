using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>
/// The subject token of a machine on AWS: a signed request for AWS' <c>GetCallerIdentity</c> that Google sends in its
/// place, so that AWS says whose credentials signed it (docs: iam/docs/workload-identity-federation-with-other-clouds).
/// </summary>
/// <param name="regionUrl">Where the machine's zone is asked for.</param>
/// <param name="credentialsUrl">Where the machine's credentials are asked for.</param>
/// <param name="sessionTokenUrl">Where the token is asked for that the other two want (IMDSv2).</param>
/// <param name="verificationUrl">Where the signed request goes; <c>{region}</c> stands for the region.</param>
/// <param name="audience">The provider, which is signed too, so that the request is good for nobody else.</param>
/// <param name="variables">The variables of the process, which win over what the machine says.</param>
/// <param name="time">The clock that dates the signature.</param>
internal sealed class AwsSubjectTokens(
    Uri? regionUrl,
    Uri? credentialsUrl,
    Uri? sessionTokenUrl,
    string verificationUrl,
    string audience,
    IReadOnlyDictionary<string, string> variables,
    TimeProvider time) : ISubjectTokens
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Name => "the identity of this machine on AWS";

    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        var session = await SessionAsync(cancellationToken);
        var region = Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? await RegionAsync(session, cancellationToken);
        var credentials = await CredentialsAsync(session, cancellationToken);
        var url = VerificationUrl(verificationUrl, region) ?? throw Unavailable(
            "credential_source.regional_cred_verification_url is no web address any more with the region of AWS in it. "
            + "Compare AWS_REGION, or what credential_source.region_url answers, with the names of AWS' regions.");
        var headers = AwsSignature.Sign(url, region, credentials, audience, time.GetUtcNow());
        var request = new JsonObject
        {
            ["url"] = url.AbsoluteUri,
            ["method"] = "POST",
            ["headers"] = new JsonArray([.. headers.Select(header => new JsonObject { ["key"] = header.Key, ["value"] = header.Value })]),
        };
        return Uri.EscapeDataString(request.ToJsonString(Plain));
    }

    /// <summary>Where the signed request goes; <see langword="null"/> when that is no web address.</summary>
    public static Uri? VerificationUrl(string pattern, string region) =>
        Uri.TryCreate(pattern.Replace("{region}", region, StringComparison.Ordinal), UriKind.Absolute, out var url)
        && url.Scheme is "https" or "http"
            ? url
            : null;

    private async Task<KeyValuePair<string, string>[]> SessionAsync(CancellationToken cancellationToken)
    {
        var needsMachine = (Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION")) is null
            || Variable("AWS_ACCESS_KEY_ID") is null || Variable("AWS_SECRET_ACCESS_KEY") is null;
        if (sessionTokenUrl is null || !needsMachine)
        {
            return [];
        }

        var token = await UrlSubjectTokens.FetchAsync(
            HttpMethod.Put, sessionTokenUrl, [new("X-aws-ec2-metadata-token-ttl-seconds", "300")], cancellationToken);
        return [new("X-aws-ec2-metadata-token", Word(token, sessionTokenUrl, "a token for its metadata"))];
    }

    private async Task<string> RegionAsync(KeyValuePair<string, string>[] session, CancellationToken cancellationToken)
    {
        var url = regionUrl ?? throw Unusable("The region on AWS is not known. Set AWS_REGION, or credential_source.region_url.");
        // The zone, us-east-1b, is the region and a letter.
        var zone = Word(await UrlSubjectTokens.FetchAsync(HttpMethod.Get, url, session, cancellationToken), url, "a zone of AWS");
        return zone.Length > 1 ? zone[..^1] : throw Unavailable($"{IssuerText.Address(url)} did not answer with a zone of AWS.");
    }

    private async Task<AwsCredentials> CredentialsAsync(KeyValuePair<string, string>[] session, CancellationToken cancellationToken)
    {
        if (Variable("AWS_ACCESS_KEY_ID") is { } id && Variable("AWS_SECRET_ACCESS_KEY") is { } secret)
        {
            return new(id, secret, Variable("AWS_SESSION_TOKEN"));
        }

        var url = credentialsUrl ?? throw Unusable(
            "There are no credentials of AWS. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or credential_source.url.");
        var role = Word(await UrlSubjectTokens.FetchAsync(HttpMethod.Get, url, session, cancellationToken), url, "the name of a role");
        var body = await UrlSubjectTokens.FetchAsync(
            HttpMethod.Get, new Uri($"{url.AbsoluteUri.TrimEnd('/')}/{Uri.EscapeDataString(role)}"), session, cancellationToken);
        try
        {
            using var answer = JsonDocument.Parse(body);
            if (answer.RootElement.GetProperty("AccessKeyId").GetString() is { Length: > 0 } known
                && answer.RootElement.GetProperty("SecretAccessKey").GetString() is { Length: > 0 } key)
            {
                return new(known, key, answer.RootElement.TryGetProperty("Token", out var token) ? token.GetString() : null);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Said below, without the parser's words, which may quote the key.
        }

        throw Unavailable($"{IssuerText.Address(url)} did not answer with the credentials of a role.");
    }

    // One word that may stand in an address or a header: anything else is a page of something that is no machine of AWS.
    private static string Word(byte[] answer, Uri url, string expected) =>
        Encoding.UTF8.GetString(answer).Trim() is { Length: > 0 and <= 1024 } word && word.All(char.IsAscii) && !word.Any(c => char.IsControl(c) || c == ' ')
            ? word
            : throw Unavailable($"{IssuerText.Address(url)} did not answer with {expected}.");

    private string? Variable(string name) => variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    // It is asked anew for each exchange, and may do better then.
    private static TokenSourceException Unavailable(string message) => new(TokenSourceFault.Unavailable, message);

    private static TokenSourceException Unusable(string message) => new(TokenSourceFault.Unusable, message);
}
