using Mds.Credentials;
using Mds.Server.Listeners;

namespace Mds.Server.Issuer;

/// <summary>
/// Answers what others need to verify tokens of the local issuers, and nothing secret: on the issuer's own listener,
/// which a mesh or an API server may reach, and on the admin listener.
/// </summary>
/// <param name="current">The issuers in use, those of the first credential first.</param>
/// <param name="time">The clock that tokens are judged by.</param>
internal sealed class IssuerEndpoint(Func<IReadOnlyList<LocalIssuer>> current, TimeProvider time)
{
    private const string Json = "application/json";

    // Verifiers keep keys for so long; one that is new should be believed soon (Google's own say five hours and more).
    private const string KeysMayBeKept = "public, max-age=60";

    /// <summary>What is answered below each issuer's address.</summary>
    public static IReadOnlyList<string> Paths { get; } =
        [IssuerDocuments.DiscoveryPath, IssuerDocuments.JwksPath, IssuerDocuments.CertificatesPath, IssuerDocuments.TokenInfoPath];

    /// <summary>Answers a request on the issuer's own listener.</summary>
    /// <param name="context">The request.</param>
    public Task HandleAsync(HttpContext context) => Find(context) ?? context.AnswerAsync(
        StatusCodes.Status404NotFound,
        current().Count == 0
            ? "No account has a local issuer, so there is nothing to verify here."
            : $"Nothing is here. Try {string.Join(", ", Paths)}.");

    /// <summary>Answers a request, if it is for something that is here.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The answer on its way; <see langword="null"/> when something else must answer.</returns>
    public Task? Find(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var name = Paths.FirstOrDefault(known => path.EndsWith(known, StringComparison.Ordinal));
        var issuers = current();
        if (name is null || At(path[..^name.Length], context.Request.Host.Value, issuers) is not { } issuer)
        {
            return null;
        }

        if (name == IssuerDocuments.TokenInfoPath)
        {
            return HttpMethods.IsPost(context.Request.Method) || context.Request.IsRead()
                ? TokenInfoAsync(context, issuers)
                : context.AnswerNotAllowedAsync("GET, HEAD, POST");
        }

        if (!context.Request.IsRead())
        {
            return context.AnswerNotAllowedAsync("GET, HEAD");
        }

        context.Response.Headers.CacheControl = KeysMayBeKept;
        var now = time.GetUtcNow();
        var keys = issuers.SelectMany(known => known.Keys(now));
        return name switch
        {
            IssuerDocuments.DiscoveryPath => context.AnswerAsync(
                StatusCodes.Status200OK, Json, IssuerDocuments.Discovery(issuer.Issuer)),
            IssuerDocuments.JwksPath => context.AnswerAsync(
                StatusCodes.Status200OK, "application/jwk-set+json", IssuerDocuments.Jwks(keys)),
            _ => context.AnswerAsync(StatusCodes.Status200OK, Json, IssuerDocuments.Certificates(keys)),
        };
    }

    // An issuer's address may have a path. At the root is whichever has none, else the first: a proxy may cut paths off.
    private static LocalIssuer? At(string prefix, string? host, IReadOnlyList<LocalIssuer> issuers)
    {
        var here = issuers.Where(issuer => new Uri(issuer.Issuer).AbsolutePath.TrimEnd('/') == prefix).ToList();
        return here.Find(issuer => new Uri(issuer.Issuer).Authority == host)
            ?? here.FirstOrDefault()
            ?? (prefix.Length == 0 && issuers.Count > 0 ? issuers[0] : null);
    }

    private async Task TokenInfoAsync(HttpContext context, IReadOnlyList<LocalIssuer> issuers)
    {
        var now = time.GetUtcNow();
        var info = await ParameterAsync(context, "access_token") is { } access ? TokenInfo.OfAccessToken(access, issuers, now)
            : await ParameterAsync(context, "id_token") is { } identity ? TokenInfo.OfIdentityToken(identity, issuers, now)
            : Bearer(context) is { } bearer ? TokenInfo.OfAccessToken(bearer, issuers, now)
            : TokenInfo.Missing;
        context.Response.Headers.CacheControl = "no-store";
        await context.AnswerAsync(
            info.IsValid ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, Json, info.Document);
    }

    // google-auth-library for Node sends the token in question so.
    private static string? Bearer(HttpContext context) =>
        context.Request.Headers.Authorization.ToString().Split(' ', 2) is [var scheme, var token]
            && scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? token : null;

    // Google takes it from the query and from a form. A form that cannot be read names nothing.
    private static async Task<string?> ParameterAsync(HttpContext context, string name)
    {
        string? value = context.Request.Query[name];
        if (value is null && context.Request.HasFormContentType)
        {
            try
            {
                value = (await context.Request.ReadFormAsync(context.RequestAborted))[name];
            }
            catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
            {
                return null;
            }
        }

        return value;
    }
}
