using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>Finds key sets of issuers, in files or at addresses such as a Kubernetes API server's <c>/openid/v1/jwks</c>.</summary>
/// <param name="authorities">A file with the authorities that addresses are trusted by; <see langword="null"/> for the machine's.</param>
/// <param name="bearer">A file with the token to ask with; <see langword="null"/> for none.</param>
internal sealed class KeySets(string? authorities, string? bearer) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = Policy(authorities) } });

    public async Task<JsonObject> GetAsync(string where)
    {
        if (!where.StartsWith("http", StringComparison.Ordinal))
        {
            return JsonNode.Parse(await File.ReadAllTextAsync(where))!.AsObject();
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, where);
        if (bearer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(bearer)).Trim());
        }

        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
    }

    public void Dispose() => _http.Dispose();

    private static X509ChainPolicy? Policy(string? file)
    {
        if (file is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
