using Mds.Credentials;
using Mds.Server.Reload;

namespace Mds.Server.CredentialKinds;

/// <summary>What a credential stands in when it is loaded.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Issuers">The local issuer of everything that has no key file, with the address it has by default.</param>
/// <param name="Endpoints">Where Google's token services are.</param>
/// <param name="Variables">The variables of the process, for credentials that are looked for there.</param>
/// <param name="Machine">What identity tokens made here say of the machine.</param>
/// <param name="Universe">The universe that the claims put the machine in, once they are known.</param>
/// <param name="IsOwn">Whether an address is this server's own.</param>
internal sealed record CredentialSurroundings(
    TimeProvider Time,
    LocalIssuers Issuers,
    GoogleEndpoints Endpoints,
    IReadOnlyDictionary<string, string> Variables,
    Func<ComputeEngineClaims?> Machine,
    Func<string> Universe,
    Func<string, bool> IsOwn)
{
    /// <summary>Google's token services as the machine finds them: for credentials that do not say of which universe they are.</summary>
    public GoogleEndpoints EndpointsOfTheMachine => Endpoints with { Universe = Universe() };

    /// <summary>Another metadata server.</summary>
    /// <param name="address">Its host, with a port if it is not 80.</param>
    /// <exception cref="TokenSourceException">It is no address, or this server itself.</exception>
    public UpstreamMetadata Upstream(string address) => !Settings.SettingParser.IsHostAndPort(address)
        ? throw new TokenSourceException(
            TokenSourceFault.Unusable,
            $"\"{address}\" is not a host where a metadata server could be. Give a name or an address, with a port if it is not 80, or unset GCE_METADATA_HOST.")
        : IsOwn(address)
        ? throw new TokenSourceException(
            TokenSourceFault.Unusable,
            $"The metadata server at {address} is this server itself, which cannot get its tokens from itself. Give another one's address, or unset GCE_METADATA_HOST.")
        : new UpstreamMetadata(address);

    /// <summary>What the credential of a file stands in.</summary>
    /// <param name="allowExecutables">Whether the settings allow a file to name a program to run.</param>
    public SourceSurroundings OfFile(bool allowExecutables) => new(
        Time,
        Endpoints,
        allowExecutables || Variables.GetValueOrDefault("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES") is "1",
        Variables);
}
