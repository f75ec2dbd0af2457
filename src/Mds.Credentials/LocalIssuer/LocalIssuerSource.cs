using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>Tokens of one account from a <see cref="LocalIssuer"/>, in the shape of Google's.</summary>
public sealed class LocalIssuerSource : ITokenSource
{
    private readonly LocalIssuer _issuer;
    private readonly string _email;
    private readonly string _subject;
    private readonly TimeProvider _time;
    private readonly Func<ComputeEngineClaims?> _machine;

    /// <summary>Creates the source.</summary>
    /// <param name="issuer">Who signs.</param>
    /// <param name="email">The service account's e-mail address.</param>
    /// <param name="time">The clock.</param>
    /// <param name="machine">
    /// What identity tokens of <c>format=full</c> say of the machine at that moment; without it, or where it knows of
    /// none, they say nothing, as on Cloud Run and in GKE.
    /// </param>
    public LocalIssuerSource(
        LocalIssuer issuer, string email, TimeProvider time, Func<ComputeEngineClaims?>? machine = null)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        ArgumentException.ThrowIfNullOrEmpty(email);
        ArgumentNullException.ThrowIfNull(time);
        _issuer = issuer;
        _email = email;
        _subject = UniqueId(email);
        _time = time;
        _machine = machine ?? (static () => null);
    }

    /// <inheritdoc/>
    public TokenSourceDescription Describe() => new("local", _email);

    /// <inheritdoc/>
    /// <remarks>
    /// An access token is a JWT too (RFC 9068), so that any replica or test server can tell whose it is without a
    /// store of issued tokens; its <c>typ</c> keeps it from passing as an identity token.
    /// </remarks>
    public Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        var now = _time.GetUtcNow();
        var token = _issuer.Sign(TokenInfo.AccessTokenType, new()
        {
            ["aud"] = _issuer.Issuer,
            ["client_id"] = _subject,
            ["email"] = _email,
            ["exp"] = (now + LocalIssuer.TokenLife).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = _issuer.Issuer,
            ["jti"] = RandomNumberGenerator.GetHexString(32, lowercase: true),
            ["scope"] = string.Join(' ', scopes),
            ["sub"] = _subject,
        });
        return Task.FromResult(new AccessToken(token, now + LocalIssuer.TokenLife));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Claims, their order and their one hour are those of a Compute Engine token (observed 2026-06): no e-mail in the
    /// standard form; <c>azp</c> and <c>sub</c> are the account's numeric id. The full form adds the e-mail and the machine.
    /// </remarks>
    public Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var now = DateTimeOffset.FromUnixTimeSeconds(_time.GetUtcNow().ToUnixTimeSeconds());
        var claims = new JsonObject { ["aud"] = request.Audience, ["azp"] = _subject };
        if (request.Full)
        {
            claims["email"] = _email;
            claims["email_verified"] = true;
        }

        claims["exp"] = (now + LocalIssuer.TokenLife).ToUnixTimeSeconds();
        if (request.Full && _machine() is { } machine)
        {
            claims["google"] = new JsonObject { ["compute_engine"] = machine.ToJson(request.Licenses) };
        }

        claims["iat"] = now.ToUnixTimeSeconds();
        claims["iss"] = _issuer.Issuer;
        claims["sub"] = _subject;
        return Task.FromResult(new IdentityToken(_issuer.Sign(TokenInfo.IdentityTokenType, claims), now + LocalIssuer.TokenLife));
    }

    /// <summary>Twenty-one digits that look like Google's unique ids, always the same for one address.</summary>
    internal static string UniqueId(string email)
    {
        var number = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(email)));
        return string.Create(CultureInfo.InvariantCulture, $"1{number:D20}");
    }
}
