using System.Text;
using System.Text.Json;

namespace Mds.Credentials;

/// <summary>The tokens of an account of another metadata server, with what is asked of them passed on.</summary>
public sealed class UpstreamSource : ITokenSource
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    private readonly UpstreamMetadata _server;
    private readonly string _account;
    private readonly TimeProvider _time;

    /// <summary>Creates the source; nobody is called yet.</summary>
    /// <param name="server">The other server.</param>
    /// <param name="account">The account there: <c>default</c> or an e-mail address.</param>
    /// <param name="time">The clock.</param>
    public UpstreamSource(UpstreamMetadata server, string account, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentException.ThrowIfNullOrEmpty(account);
        ArgumentNullException.ThrowIfNull(time);
        _server = server;
        _account = account;
        _time = time;
    }

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => new("upstream", _account.Contains('@', StringComparison.Ordinal) ? _account : null);

    /// <inheritdoc/>
    public async Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        var asked = _time.GetUtcNow();
        var query = scopes.Count == 0 ? "" : $"?scopes={Uri.EscapeDataString(string.Join(',', scopes))}";
        var answer = await AskAsync("token" + query, "access tokens", TokenSourceFault.Missing, cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(answer.Body);
            if (json.RootElement.GetProperty("access_token").GetString() is { Length: > 0 } token
                && json.RootElement.GetProperty("expires_in").GetInt64() is >= 0 and < int.MaxValue and var seconds)
            {
                return new(token, asked.AddSeconds(seconds));
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Said below, without the parser's words, which may quote the token.
        }

        throw new TokenSourceException(TokenSourceFault.Unavailable, $"The metadata server at {_server.Address} answered without a token that can be read.");
    }

    /// <inheritdoc/>
    public async Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var form = request.Full ? "&format=full" + (request.Licenses ? "&licenses=TRUE" : "") : "&format=standard";
        // That there are none does not speak against the account: many servers have access tokens only.
        var answer = await AskAsync(
            $"identity?audience={Uri.EscapeDataString(request.Audience)}{form}", "identity tokens", TokenSourceFault.NotOffered, cancellationToken);
        var token = Encoding.UTF8.GetString(answer.Body).Trim();
        return Jwt.ExpiresAt(token) is { } expiresAt
            ? new(token, expiresAt)
            : throw new TokenSourceException(TokenSourceFault.Unavailable, $"The metadata server at {_server.Address} answered without a token that can be read.");
    }

    private async Task<UpstreamAnswer> AskAsync(
        string leaf, string wanted, TokenSourceFault missing, CancellationToken cancellationToken)
    {
        var answer = await _server.GetAsync($"instance/service-accounts/{_account}/{leaf}", CallTimeout, cancellationToken);
        return answer.Status switch
        {
            200 => answer,
            404 => throw new TokenSourceException(
                missing,
                $"The metadata server at {_server.Address} has no {wanted} for the account {_account}; see its instance/service-accounts/."),
            >= 500 or 408 or 429 => throw new TokenSourceException(
                TokenSourceFault.Unavailable, $"The metadata server at {_server.Address} could not answer (HTTP {answer.Status})."),
            _ => throw new TokenSourceException(
                TokenSourceFault.Rejected,
                $"The metadata server at {_server.Address} refused {wanted} of the account {_account} (HTTP {answer.Status})."),
        };
    }
}
