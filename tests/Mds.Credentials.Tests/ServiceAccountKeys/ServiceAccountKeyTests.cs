using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using StandIns;

namespace Mds.Credentials.Tests.ServiceAccountKeys;

public sealed class ServiceAccountKeyTests
{
    private const string Email = "app@my-project.iam.gserviceaccount.com";

    private static readonly string Valid = KeyFile.Make(Email, "https://oauth2.example/token").Json;

    [Fact]
    public void Parse_FileAsGoogleWritesIt_Read()
    {
        var key = Parse(Valid);

        Assert.Equal(Email, key.ClientEmail);
        Assert.Equal("my-project", key.ProjectId);
        Assert.Equal("https://oauth2.example/token", key.TokenUri.AbsoluteUri);
        Assert.Equal("googleapis.com", key.UniverseDomain);
        Assert.Matches("^[0-9a-f]{40}$", key.PrivateKeyId);
    }

    [Fact]
    public void Parse_ByteOrderMark_Read() =>
        Assert.Equal(Email, ServiceAccountKey.Parse(Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(Valid)).ToArray(), "k").ClientEmail);

    [Fact]
    public void Parse_NoTokenUri_Googles() =>
        Assert.Equal("https://oauth2.googleapis.com/token", Parse(With("token_uri", null)).TokenUri.AbsoluteUri);

    [Theory]
    [InlineData("", "/k.json is empty; a service account key was expected.")]
    [InlineData(" \n", "/k.json is empty")]
    [InlineData("{\n  \"type\": service_account\n}", "/k.json is not JSON (line 2, column 11)")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "/k.json is a PEM file; the JSON file")]
    [InlineData("[]", "/k.json holds a JSON array, not the object of a service account key")]
    [InlineData("\"x\"", "/k.json holds a JSON string, not the object")]
    [InlineData("{}", "/k.json is an object without \"type\", not a service account key")]
    [InlineData("""{"type":"authorized_user"}""", "/k.json is a person's login, as gcloud auth application-default login writes it, not a service account key")]
    [InlineData("""{"type":"external_account"}""", "/k.json is a workload identity federation configuration, not a service account key")]
    [InlineData("""{"type":"impersonated_service_account"}""", "/k.json is a configuration for impersonating a service account")]
    [InlineData("""{"type":"magic"}""", "/k.json is of a type that is not known here")]
    [InlineData("""{"type":7}""", "\"type\" of /k.json is a JSON number where a string belongs.")]
    [InlineData("""{"installed":{}}""", "/k.json is an OAuth client of an application")]
    [InlineData("""{"type":"service_account"}""", "/k.json is a service account key without \"client_email\" and \"private_key\"")]
    [InlineData("""{"type":"service_account","client_email":"a@b","private_key":""}""", "without \"private_key\"")]
    public void Parse_WrongFile_SaysWhatItIs(string text, string sentence)
    {
        var failure = Assert.Throws<TokenSourceException>(() => Parse(text));

        Assert.Equal(TokenSourceFault.Unusable, failure.Fault);
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.Null(failure.InnerException);
    }

    [Fact]
    public void Parse_BrokenPrivateKey_SaysHow()
    {
        var pem = JsonNode.Parse(Valid)!["private_key"]!.GetValue<string>();
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (string? Pem, string Sentence)[] cases =
        [
            ("nonsense", "is not a PEM block"),
            (pem.Replace("\n", "\\n", StringComparison.Ordinal), @"holds the two characters \ and n where its line breaks belong"),
            (pem[..^20], "is a broken PEM block"),
            (pem.Replace(pem[40..48], "****", StringComparison.Ordinal), "is a broken PEM block"),
            (PemEncoding.WriteString("PRIVATE KEY", new byte[600]), "it may be cut off or damaged"),
            (pem.Replace("PRIVATE", "ENCRYPTED PRIVATE", StringComparison.Ordinal), "is encrypted"),
            (pem.Replace("PRIVATE KEY", "CERTIFICATE", StringComparison.Ordinal), "is a certificate"),
            (curve.ExportECPrivateKeyPem(), "is an elliptic curve key"),
            (curve.ExportPkcs8PrivateKeyPem(), "is not an RSA private key"),
            (curve.ExportSubjectPublicKeyInfoPem(), "is a public key"),
        ];
        Assert.All(cases, broken =>
        {
            var failure = Assert.Throws<TokenSourceException>(() => Parse(With("private_key", broken.Pem)));
            Assert.StartsWith("\"private_key\" of /k.json ", failure.Message, StringComparison.Ordinal);
            Assert.Contains(broken.Sentence, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(pem[60..80], failure.ToString(), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("oauth2.googleapis.com/token")]
    [InlineData("file:///etc/passwd")]
    public void Parse_TokenUriNotOfTheWeb_SaysSo(string uri)
    {
        var failure = Assert.Throws<TokenSourceException>(() => Parse(With("token_uri", uri)));
        Assert.Contains("\"token_uri\" of /k.json is not a web address", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("https://googleapis.com")]
    [InlineData("googleapis.com/x")]
    public void Parse_UniverseThatIsNoDomain_SaysSo(string universe)
    {
        var failure = Assert.Throws<TokenSourceException>(() => Parse(With("universe_domain", universe)));
        Assert.Equal("\"universe_domain\" of /k.json is not a domain. Give one as in \"googleapis.com\".", failure.Message);
    }

    [Fact]
    public void Parse_AnyDamage_OneSentenceWithoutKeyText()
    {
        var bytes = Encoding.UTF8.GetBytes(Valid);
        var pem = JsonNode.Parse(Valid)!["private_key"]!.GetValue<string>().Split('\n')[1..^2];
        Prop.ForAll(
            Gen.Choose(0, bytes.Length - 1).ToArbitrary(),
            Gen.Choose(0, 255).ToArbitrary(),
            (at, value) =>
            {
                var damaged = bytes.ToArray();
                damaged[at] = (byte)value;
                try
                {
                    ServiceAccountKey.Parse(damaged, "/k.json");
                    return true;
                }
                catch (TokenSourceException e)
                {
                    return e.Message.EndsWith('.')
                        && !e.Message.Contains('\n', StringComparison.Ordinal)
                        && !pem.Any(line => e.ToString().Contains(line[..16], StringComparison.Ordinal));
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static ServiceAccountKey Parse(string text) => ServiceAccountKey.Parse(Encoding.UTF8.GetBytes(text), "/k.json");

    private static string With(string name, string? value)
    {
        var file = JsonNode.Parse(Valid)!.AsObject();
        file[name] = value;
        return file.ToJsonString();
    }
}
