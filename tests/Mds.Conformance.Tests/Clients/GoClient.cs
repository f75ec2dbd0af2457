namespace Mds.Conformance.Tests;

/// <summary>The program that stands for Google's Go libraries, compiled from Debian's source packages without any network.</summary>
internal static class GoClient
{
    public const string ToInstall =
        "Go and Google's libraries (Debian: apt-get install golang-go golang-google-cloud-compute-metadata-dev golang-golang-x-oauth2-google-dev)";

    private static readonly Lazy<Task<string>> Built = new(BuildAsync);

    /// <summary>The compiled program.</summary>
    public static Task<string> ProgramAsync() => Built.Value;

    private static async Task<string> BuildAsync()
    {
        var cache = Directory.CreateDirectory(CacheFolder.Of("go")).FullName;
        var program = Path.Combine(AppContext.BaseDirectory, "go", "client");
        var build = ChildProcess.Describe(
            "go",
            ["build", "-o", program, Conformance.Tests.Built.File("go/client.go")],
            cache,
            [new("GO111MODULE", "off"), new("GOPATH", "/usr/share/gocode"), new("GOCACHE", cache), new("CGO_ENABLED", "0")]);
        await ChildProcess.RunAsync(build, ToInstall);
        return program;
    }
}
