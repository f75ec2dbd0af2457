using System.Text;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Tpm.Tests.Server;

public sealed class PasswordFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_OneFileForBothPasswords_BothAreWhatItHolds()
    {
        var settings = Settings();
        var files = CredentialFiles.Read(settings.Files);

        Assert.Equal("secret", Encoding.UTF8.GetString(settings.KeyPassword.Read(files).Span));
        Assert.Equal("secret", Encoding.UTF8.GetString(settings.ParentPassword.Read(files).Span));
    }

    [Fact]
    public void Clear_FileThatCanBeReadAgain_IsClearedAndStillKnownAgain()
    {
        var settings = Settings();
        var files = CredentialFiles.Read(settings.Files);

        files.Clear();

        Assert.All(files.Bytes(settings.KeyPassword.File!).ToArray(), content => Assert.Equal(0, content));
        Assert.True(files.AreSameAs(files.Again(settings.Files)));
    }

    private TpmSettings Settings()
    {
        var password = _folder.Write("password", "secret\n");
        var file = _folder.Write(
            "settings.json",
            $$$"""{"credentials": [{"account": "default", "tpm": {"persistentHandle": "0x81010002", "keyPasswordFile": "{{{password}}}", "parentPasswordFile": "{{{password}}}"} }] }""");
        return (TpmSettings)SettingsReader.Read(
            new Dictionary<string, string?> { ["settings"] = file }, new Dictionary<string, string>()).Credentials[0];
    }
}
