using System.Text.Json.Nodes;

namespace Mds.Operator.Api;

/// <summary>Where Google's token services are reached, in place of their public addresses.</summary>
/// <param name="Oauth2">The token endpoint's; null for <c>oauth2.googleapis.com</c>.</param>
/// <param name="Sts">The Security Token Service; null for <c>sts.googleapis.com</c>.</param>
/// <param name="IamCredentials">The IAM Service Account Credentials API; null for <c>iamcredentials.googleapis.com</c>.</param>
internal sealed record GoogleEndpoints(string? Oauth2, string? Sts, string? IamCredentials)
{
    /// <summary>As the resource and the server's settings write them.</summary>
    public JsonObject? Settings => this is { Oauth2: null, Sts: null, IamCredentials: null }
        ? null
        : new JsonObject().With("oauth2", Oauth2).With("sts", Sts).With("iamCredentials", IamCredentials);

    /// <summary>Reads those of a specification.</summary>
    /// <param name="spec">The specification.</param>
    public static GoogleEndpoints Read(SpecReader spec)
    {
        var endpoints = spec.Object("endpoints");
        return new(
            endpoints.String("oauth2", TextFormat.Url),
            endpoints.String("sts", TextFormat.Url),
            endpoints.String("iamCredentials", TextFormat.Url));
    }

    /// <summary>Their schema.</summary>
    public static JsonObject Schema() => Api.Schema.Object(
        "Where Google's token services are reached, in place of their public addresses: Private Service Connect, or a test's stand-in.",
        [],
        ("oauth2", Address("https://oauth2.googleapis.com")),
        ("sts", Address("https://sts.googleapis.com")),
        ("iamCredentials", Address("https://iamcredentials.googleapis.com")));

    private static JsonObject Address(string @public) =>
        Api.Schema.String($"In place of {@public}, or its like of another universe.", 2048, TextFormat.Url);
}
