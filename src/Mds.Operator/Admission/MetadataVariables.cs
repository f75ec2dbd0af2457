namespace Mds.Operator.Admission;

/// <summary>
/// The environment variables that lead Google's client libraries to a metadata server. No client reads all of them and
/// no single one serves all clients.
/// </summary>
internal static class MetadataVariables
{
    /// <summary>Go, Java, .NET, Ruby, Rust, Python's reads, Node in second place.</summary>
    public const string Host = "GCE_METADATA_HOST";

    /// <summary>Python's ping (nothing else stands in for it), and Node in first place. Must be an IP for Python.</summary>
    public const string Ip = "GCE_METADATA_IP";

    /// <summary>C++, gcloud, gsutil, and Python's google-auth 1.x.</summary>
    public const string Root = "GCE_METADATA_ROOT";

    /// <summary>.NET's Google.Api.Gax <c>Platform</c>, after <see cref="Host"/>.</summary>
    public const string EmulatorHost = "METADATA_EMULATOR_HOST";

    /// <summary>Node's gcp-metadata: skips its probe, which otherwise gives up after three seconds.</summary>
    public const string Detection = "METADATA_SERVER_DETECTION";

    /// <summary>The variables and their values for one endpoint, in the order they are injected.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> For(string endpoint) =>
    [
        new(Host, endpoint),
        new(Ip, endpoint),
        new(Root, endpoint),
        new(EmulatorHost, endpoint),
        new(Detection, "assume-present"),
    ];
}
