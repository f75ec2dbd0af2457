namespace Mds.Credentials;

/// <summary>Another metadata server: a real machine's, a cluster's, or one of these.</summary>
/// <param name="address">Its host, with a port if it is not 80.</param>
public sealed class UpstreamMetadata(string address)
{
    /// <summary>Where the metadata server of a machine of Google's is.</summary>
    public const string DefaultAddress = "169.254.169.254";

    private const string Flavor = "Metadata-Flavor";

    // Without a proxy, as every client of a metadata server: the answers are for this machine.
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = 16 << 20,
    };

    /// <summary>Its host, with a port if it is not 80.</summary>
    public string Address { get; } = address;

    /// <summary>Asks for a key.</summary>
    /// <param name="key">The path below <c>/computeMetadata/v1/</c>, with the query.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The status, the body and the ETag.</returns>
    /// <exception cref="TokenSourceException">There is no answer, or it is not a metadata server's.</exception>
    public async Task<UpstreamAnswer> GetAsync(string key, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{Address}/computeMetadata/v1/{key}");
        request.Headers.Add(Flavor, "Google");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(limit);
        try
        {
            using var response = await Client.SendAsync(request, either.Token);
            return response.Headers.TryGetValues(Flavor, out var values) && values.Contains("Google")
                ? new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(either.Token), ETagOf(response))
                : throw Unavailable($"{Address} answered HTTP {(int)response.StatusCode}, and not as a metadata server does (without {Flavor}: Google).");
        }
        catch (HttpRequestException e)
        {
            throw Unavailable($"The metadata server at {Address} could not be reached: {IssuerText.Reason(e)}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable($"The metadata server at {Address} did not answer within {limit.TotalSeconds:0.###} s.");
        }
        catch (IOException e)
        {
            throw Unavailable($"The metadata server at {Address} broke off its answer ({e.GetType().Name}).");
        }
    }

    // Metadata servers write it without the quotes that HTTP wants, which the typed header does not take.
    private static string? ETagOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("ETag", out var values) ? values.ToString() : null;

    private static TokenSourceException Unavailable(string message) => new(TokenSourceFault.Unavailable, message);
}
