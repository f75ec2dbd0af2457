using Mds.Credentials;
using Mds.Server.Reload;

namespace Mds.Server.CredentialKinds;

/// <summary>What a credential stands in when it is loaded.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Issuers">The local issuer of everything that has no key file, with the address it has by default.</param>
/// <param name="Endpoints">Where Google's token services are.</param>
/// <param name="Machine">What identity tokens made here say of the machine.</param>
internal sealed record CredentialSurroundings(
    TimeProvider Time, LocalIssuers Issuers, GoogleEndpoints Endpoints, Func<ComputeEngineClaims?> Machine);
