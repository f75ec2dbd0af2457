using System.Globalization;
using System.Text.Json;

namespace Mds.Credentials;

/// <summary>The tokens of whoever is logged in to gcloud on this machine, made by gcloud itself.</summary>
/// <remarks>
/// Scopes are gcloud's own: a person's login has those of the login. An identity token is for the audience that is asked
/// for where the account is a service account; a person's is always for gcloud (docs: gcloud auth print-identity-token).
/// </remarks>
public sealed class GcloudSource : ITokenSource
{
    private readonly GcloudConfiguration _configuration;
    private readonly GcloudCommand _gcloud;

    /// <summary>Creates the source; nothing is run yet.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="folder">The folder that gcloud keeps its configurations in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="program">The program.</param>
    public GcloudSource(GcloudConfiguration configuration, string folder, TimeProvider time, string program)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _configuration = configuration;
        _gcloud = new GcloudCommand(configuration.Name, folder, time, program);
    }

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => new("gcloud", _configuration.Account, _configuration.Project);

    /// <inheritdoc/>
    public async Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        // What kubectl used to ask gcloud with: the one command that also says when the token ends.
        var output = await _gcloud.RunAsync(["config", "config-helper", "--format=json", "--min-expiry=10m"], cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(output);
            var credential = document.RootElement.GetProperty("credential");
            if (credential.GetProperty("access_token").GetString() is { Length: > 0 } token)
            {
                return new(
                    token,
                    DateTimeOffset.Parse(credential.GetProperty("token_expiry").GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            // Said below, without the parser's words, which may quote the token.
        }

        throw new TokenSourceException(
            TokenSourceFault.Unavailable, "gcloud config config-helper did not print a token that can be read; gcloud components update may help.");
    }

    /// <inheritdoc/>
    public async Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string[] audience = _configuration.Account.EndsWith("gserviceaccount.com", StringComparison.Ordinal) ? [$"--audiences={request.Audience}"] : [];
        var token = (await _gcloud.RunAsync(["auth", "print-identity-token", .. audience], cancellationToken)).Trim();
        return Jwt.ExpiresAt(token) is { } expiresAt
            ? new(token, expiresAt)
            : throw new TokenSourceException(TokenSourceFault.Unavailable, "gcloud auth print-identity-token did not print a token that can be read.");
    }
}
