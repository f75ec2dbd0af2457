using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mds.Kubernetes;

/// <summary>
/// Sends requests to the API server as the configured user. Every failure becomes an <see cref="HttpRequestException"/>
/// whose message names the request, and a <see cref="KubeApiException"/> when the server answered.
/// </summary>
internal sealed class KubeTransport : IDisposable
{
    /// <summary>How often a request is sent when the server asks to come back later.</summary>
    private const int MaxAttempts = 6;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly KubeConfig _config;
    private readonly TimeProvider _time;
    private readonly string _server;
    private volatile X509Certificate2? _clientCertificate;

    public KubeTransport(KubeConfig config, TimeProvider time)
    {
        _config = config;
        _time = time;
        _server = config.Server.AbsoluteUri.TrimEnd('/');
        _http = new HttpClient(KubeHttp.CreateHandler(config, () => _clientCertificate), disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(
            "mds", typeof(KubeTransport).Assembly.GetName().Version?.ToString(3)));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="timeout">How long one attempt may take.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <returns>The body of a successful answer.</returns>
    public async Task<string> SendAsync(KubeRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var deadline = new CancellationTokenSource(timeout, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
                return await Guard(request, timeout, ReadAsync, cancellationToken);

                async Task<string> ReadAsync()
                {
                    using var response = await OpenAsync(request, either.Token);
                    return await response.Content.ReadAsStringAsync(either.Token);
                }
            }
            catch (KubeApiException e) when (attempt < MaxAttempts && MayRepeat(request, e) is { } wait)
            {
                await Task.Delay(wait, _time, cancellationToken);
            }
        }
    }

    /// <summary>Sends a request and returns as soon as the answer has begun.</summary>
    /// <param name="request">The request.</param>
    /// <param name="timeout">How long it may take until the answer begins.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<HttpResponseMessage> StreamAsync(KubeRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        return await Guard(request, timeout, () => OpenAsync(request, either.Token), cancellationToken);
    }

    // The server says when to come back only if it did not begin with the request (429), or if it is starting or ending
    // (503); what may be done twice is then sent again.
    private static TimeSpan? MayRepeat(KubeRequest request, KubeApiException error) => error switch
    {
        { Code: 429 } => Min(error.RetryAfter ?? TimeSpan.FromSeconds(1)),
        { Code: 503, RetryAfter: { } wait } when request.Idempotent => Min(wait),
        _ => null,
    };

    private static TimeSpan Min(TimeSpan wait) => wait < LongestWait ? wait : LongestWait;

    private static async Task<T> Guard<T>(
        KubeRequest request, TimeSpan timeout, Func<Task<T>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await send();
        }
        catch (KubeApiException)
        {
            throw;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"{request} was not answered within {timeout.TotalSeconds:0} seconds.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new HttpRequestException($"{request} failed: {Innermost(e).Message}", e);
        }
        catch (KubeConfigException e)
        {
            // No credential to send it with, which the message explains in full.
            throw new HttpRequestException($"{request} failed: {e.Message}", e);
        }
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    private async Task<HttpResponseMessage> OpenAsync(KubeRequest request, CancellationToken cancellationToken)
    {
        for (var first = true; ; first = false)
        {
            var credential = _config.Credential is null ? null : await _config.Credential.GetAsync(cancellationToken);
            _clientCertificate = credential?.ClientCertificate;
            using var message = CreateMessage(request, credential?.Token);
            var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && first && credential is not null
                    && _config.Credential!.Reject(credential))
                {
                    continue;
                }

                throw KubeApiException.FromResponse(
                    request.ToString(),
                    (int)response.StatusCode,
                    await response.Content.ReadAsStringAsync(cancellationToken),
                    response.Headers.RetryAfter?.Delta);
            }
        }
    }

    private HttpRequestMessage CreateMessage(KubeRequest request, string? token)
    {
        var message = new HttpRequestMessage(request.Method, _server + request.PathAndQuery)
        {
            // HTTP/2 where the server has it: one connection for all watches, and pings that show whether it still lives.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.Accept.ParseAdd("application/json");
        // The handler takes the name for TLS from here, and from nowhere else.
        message.Headers.Host = _config.TlsServerName;
        if (token is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (_config.ImpersonateUser is { } user)
        {
            message.Headers.Add("Impersonate-User", user);
            foreach (var group in _config.ImpersonateGroups)
            {
                message.Headers.Add("Impersonate-Group", group);
            }
        }

        if (request.Body is not null)
        {
            message.Content = new StringContent(
                request.Body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(request.ContentType));
        }

        return message;
    }
}
