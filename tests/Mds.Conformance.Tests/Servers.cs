using StandIns;

namespace Mds.Conformance.Tests;

/// <summary>One server for each way to hold a credential, shared by all clients.</summary>
public sealed class Servers : IAsyncLifetime
{
    public const string Email = "app@conformance-project.iam.gserviceaccount.com";

    private readonly string _home = Directory.CreateTempSubdirectory("mds-conformance-").FullName;
    private GoogleStandIn _google = null!;
    private MdsServer _local = null!;
    private MdsServer _keyFile = null!;

    public string Home => _home;

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        var key = Path.Combine(_home, "key.json");
        await File.WriteAllTextAsync(key, _google.MakeClient(Email).Json);
        _local = await MdsServer.StartAsync(_home, "-local");
        _keyFile = await MdsServer.StartAsync(_home, "-serviceAccountFile", key);
    }

    public async ValueTask DisposeAsync()
    {
        await _local.DisposeAsync();
        await _keyFile.DisposeAsync();
        await _google.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    internal MdsServer For(TokenOrigin origin) => origin is TokenOrigin.LocalIssuer ? _local : _keyFile;

    /// <summary>Where the keys are that verify its identity tokens.</summary>
    internal string CertificatesUrl(TokenOrigin origin) => origin is TokenOrigin.LocalIssuer
        ? $"{_local.Admin}/jwks"
        : $"{_google.Url}/oauth2/v3/certs";

    /// <summary>Every token that the stand-in for Google gave away.</summary>
    internal IReadOnlyCollection<string> IssuedByGoogle => _google.IssuedTokens;
}
