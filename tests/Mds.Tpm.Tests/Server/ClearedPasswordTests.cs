using System.Net;
using System.Text;
using Mds.Server.Tests.Hosting;

namespace Mds.Tpm.Tests.Server;

/// <summary>Passwords in the memory of the real server process: one copy while the key is in use, and none after.</summary>
public sealed class ClearedPasswordTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>, IDisposable
{
    private const string KeyPassword = "key-password";
    private const string ParentPassword = "parent-password";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sign_PasswordsFromFiles_AreInMemoryOnceAndGoneWithTheKey(bool encrypted)
    {
        _folder.Write("first", $"{KeyPassword}\n");
        _folder.Write("second", $"{ParentPassword}\n");
        await using var server = ServerProcess.Start(
            [
                "-port", ":0", "-prefetch=false", "-tpm", "-tpm-path", tpm.Address.Text,
                "-keyfile", Path.Combine(TestKeys.Folder, "below.tss"), "-keyPassFile", _folder.File("first"), "-parentPassFile", _folder.File("second"),
                .. encrypted ? new[] { "-tpm-session-encrypt-with-name", TestKeys.EndorsementName } : [],
            ],
            ("GOOGLE_SERVICE_ACCOUNT", "app@mds-tests.iam.gserviceaccount.com"));
        using var client = new HttpClient { BaseAddress = await server.ListeningAsync() };
        client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");

        // Scopes of their own are signatures of their own.
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await TokenAsync(client, $"before-{i}"));
        }

        // Both files are read and made a key of once more; the one before goes.
        _folder.Write("first", KeyPassword);
        await Eventually.TrueAsync(() => server.Errors.Contains(_folder.File("first"), StringComparison.Ordinal), "the file is read again");
        Assert.Equal(HttpStatusCode.OK, await TokenAsync(client, "after"));

        await Eventually.TrueAsync(() => Copies(server, KeyPassword) == 1, "only the key in use has its password");
        await Eventually.TrueAsync(() => Copies(server, ParentPassword) == 1, "only the key in use has its parent's password");

        _folder.Write("first", "another");
        _folder.Write("second", "another");
        await Eventually.TrueAsync(() => Copies(server, KeyPassword) + Copies(server, ParentPassword) == 0, "nothing has the passwords");
    }

    private static int Copies(ServerProcess server, string password) =>
        ProcessMemory.Count(server.Id, Encoding.UTF8.GetBytes(password)) + ProcessMemory.Count(server.Id, Encoding.Unicode.GetBytes(password));

    private static async Task<HttpStatusCode> TokenAsync(HttpClient client, string scope)
    {
        using var response = await client.GetAsync(
            $"/computeMetadata/v1/instance/service-accounts/default/token?scopes={scope}", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
