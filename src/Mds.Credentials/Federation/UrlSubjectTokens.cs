using System.Net;

namespace Mds.Credentials;

/// <summary>A subject token that a server nearby gives: Azure's instance metadata, a Git host's job.</summary>
internal sealed class UrlSubjectTokens(Uri url, IReadOnlyList<KeyValuePair<string, string>> headers, SubjectTokenFormat format)
    : ISubjectTokens
{
    public string Name => $"the token from {IssuerText.Address(url)}";

    public async Task<string> GetAsync(CancellationToken cancellationToken) =>
        format.Read(await FetchAsync(HttpMethod.Get, url, headers, cancellationToken), $"The answer of {IssuerText.Address(url)}");

    /// <summary>Asks a server nearby, and says in a sentence why it did not answer.</summary>
    public static async Task<byte[]> FetchAsync(
        HttpMethod method, Uri url, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = await IssuerConnections.Client.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.StatusCode is HttpStatusCode.OK
                ? body
                : throw Unavailable($"{IssuerText.Address(url)} gave no token to exchange: it answered HTTP {(int)response.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            throw Unavailable($"{IssuerText.Address(url)} gave no token to exchange: {IssuerText.Reason(e)}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable($"{IssuerText.Address(url)} gave no token to exchange within {IssuerConnections.CallTimeout.TotalSeconds:0.###} s.");
        }
    }

    private static TokenSourceException Unavailable(string message) => new(TokenSourceFault.Unavailable, message);
}
