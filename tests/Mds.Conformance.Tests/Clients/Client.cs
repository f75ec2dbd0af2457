using System.Text.Json;

namespace Mds.Conformance.Tests;

/// <summary>One of Google's own clients, in a program that uses it and prints a <see cref="ClientReport"/>.</summary>
/// <param name="ToInstall">What a person must install to run it.</param>
/// <param name="CommandAsync">The command, given the audience of the identity token it shall get.</param>
/// <param name="OnlyCredentials">Whether it has no call for anything of the machine but its account.</param>
/// <param name="OnlyRealAddress">Whether no variable can send it elsewhere.</param>
internal sealed record Client(
    string ToInstall, Func<string, Task<string[]>> CommandAsync, bool OnlyCredentials = false, bool OnlyRealAddress = false)
{
    private static readonly string[] JavaLibraries =
    [
        "google-auth-library-oauth2-http", "google-auth-library-credentials", "google-http-client", "google-http-client-gson",
        "google-http-client-jackson2", "gson", "guava", "failureaccess", "opencensus-api", "opencensus-contrib-http-util",
        "grpc-context", "httpclient", "httpcore", "commons-logging", "commons-codec", "jackson-core",
    ];

    private static readonly Dictionary<string, Client> Known = new()
    {
        ["google-auth (Python)"] = new(
            "google-auth for the system's Python (Debian: apt-get install python3-google-auth python3-requests)",
            Command("/usr/bin/python3", Built.File("python/google_auth_client.py"))),
        ["oauth2client (Python)"] = new(
            "oauth2client for the system's Python (Debian: apt-get install python3-oauth2client python3-httplib2)",
            Command("/usr/bin/python3", Built.File("python/oauth2client_client.py"))),
        ["google-auth-library and gcp-metadata (Node)"] = new(
            NodePackages.ToInstall,
            async audience => ["node", Built.File("node/client.mjs"), await NodePackages.FolderAsync(), audience]),
        ["Google.Apis.Auth (.NET)"] = new(
            "the .NET SDK",
            Command("dotnet", Built.Assembly("google-auth-client")),
            OnlyCredentials: true),
        ["compute/metadata and oauth2/google (Go)"] = new(
            GoClient.ToInstall,
            async audience => [await GoClient.ProgramAsync(), audience]),
        ["google-auth-library (Java)"] = new(
            "a JDK and Google's library (Debian: apt-get install default-jdk-headless libgoogle-auth-java)",
            Command(
                "java", "-cp", string.Join(':', JavaLibraries.Select(name => $"/usr/share/java/{name}.jar")), Built.File("java/Client.java")),
            OnlyCredentials: true),
        ["googleauth and google-cloud-env (Ruby)"] = new(
            "Ruby and Google's libraries (Debian: apt-get install ruby-googleauth ruby-google-cloud-env)",
            Command("ruby", Built.File("ruby/client.rb")),
            OnlyRealAddress: true),
    };

    /// <summary>The names of all clients.</summary>
    public static IReadOnlyCollection<string> All => Known.Keys;

    /// <summary>The names of those that variables can send elsewhere.</summary>
    public static IEnumerable<string> WithVariables => All.Where(name => !Known[name].OnlyRealAddress);

    public static Client Named(string name) => Known[name];

    /// <summary>Reads what it printed, and asserts that it found the machine of claims.json.</summary>
    public ClientReport Read(string output)
    {
        var report = JsonSerializer.Deserialize<ClientReport>(output, JsonSerializerOptions.Web)!;
        Assert.True(report.Detected, "The client does not take the server for a metadata server.");
        Assert.Equal(Servers.Email, report.Email);
        if (!OnlyCredentials)
        {
            Assert.Equal(("conformance-project", "conformance"), (report.Project, report.Attribute));
            Assert.Equal("projects/918273645546/zones/europe-west1-b", report.Zone);
        }

        Assert.Equal(["http-server", "https-server"], report.Tags ?? ["http-server", "https-server"]);
        Assert.Equal(["https://www.googleapis.com/auth/cloud-platform"], report.Scopes ?? ["https://www.googleapis.com/auth/cloud-platform"]);
        return report;
    }

    private static Func<string, Task<string[]>> Command(params string[] words) => audience => Task.FromResult<string[]>([.. words, audience]);
}
