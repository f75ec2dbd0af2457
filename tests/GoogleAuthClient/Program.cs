// Google.Apis.Auth as a program of its own uses it: everything comes from the environment. Prints what it got.
using System.Text.Json.Nodes;
using Google.Apis.Auth.OAuth2;

var audience = args[0];
var credential = await GoogleCredential.GetApplicationDefaultAsync();
var compute = (ComputeCredential)credential.UnderlyingCredential;
var identities = new JsonObject();
foreach (var format in Enum.GetValues<OidcTokenFormat>())
{
    var identity = await credential.GetOidcTokenAsync(OidcTokenOptions.FromTargetAudience(audience).WithTokenFormat(format));
    identities[format.ToString()] = await identity.GetAccessTokenAsync();
}

Console.WriteLine(new JsonObject
{
    ["client"] = $"Google.Apis.Auth {typeof(GoogleCredential).Assembly.GetName().Version}",
    ["detected"] = await ComputeCredential.IsRunningOnComputeEngine(),
    ["email"] = await compute.GetDefaultServiceAccountEmailAsync(CancellationToken.None),
    ["accessToken"] = await ((ITokenAccess)compute).GetAccessTokenForRequestAsync(),
    ["identityToken"] = identities["Full"]!.DeepClone(),
    ["identityTokens"] = identities,
}.ToJsonString());
