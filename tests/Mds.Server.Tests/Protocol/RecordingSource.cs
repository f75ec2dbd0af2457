using Mds.Credentials;

namespace Mds.Server.Tests.Protocol;

/// <summary>A token source that answers at once and remembers what it was asked for.</summary>
internal sealed class RecordingSource : ITokenSource
{
    public const string Jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln";

    private readonly TimeProvider _time;
    private readonly string _accessToken;
    private readonly TokenSourceException? _failure;

    private RecordingSource(TimeProvider time, string accessToken, TokenSourceException? failure) =>
        (_time, _accessToken, _failure) = (time, accessToken, failure);

    public List<string> Scopes { get; } = [];

    public List<IdentityTokenRequest> Identities { get; } = [];

    public static RecordingSource Answering(TimeProvider time, string accessToken = "ya29.token") => new(time, accessToken, null);

    public static RecordingSource Failing(TokenSourceFault fault, string message) =>
        new(TimeProvider.System, "", new TokenSourceException(fault, message));

    public TokenSourceDescription Describe() => new("static", null);

    public Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        Scopes.Add(string.Join(' ', scopes));
        return _failure is null
            ? Task.FromResult(new AccessToken(_accessToken, _time.GetUtcNow().AddHours(1)))
            : Task.FromException<AccessToken>(_failure);
    }

    public Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken)
    {
        Identities.Add(request);
        return _failure is null
            ? Task.FromResult(new IdentityToken(Jwt, _time.GetUtcNow().AddHours(1)))
            : Task.FromException<IdentityToken>(_failure);
    }
}
