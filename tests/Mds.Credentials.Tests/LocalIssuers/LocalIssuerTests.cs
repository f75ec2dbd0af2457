using System.Buffers.Text;
using System.Security.Cryptography;

namespace Mds.Credentials.Tests.LocalIssuers;

/// <summary>The keys of a local issuer: where they come from, which of them signs, and how one takes another's place.</summary>
public sealed class LocalIssuerTests
{
    private const string Url = "http://issuer.example:8081";

    private static readonly string First = MakePem();
    private static readonly string Second = MakePem();

    private readonly ManualTime _time = new();

    [Fact]
    public void FromPem_SameKeyInEitherForm_SameIdAndCertificate()
    {
        using var key = RSA.Create(2048);
        var one = LocalIssuer.FromPem(Url, key.ExportPkcs8PrivateKeyPem(), "k").Keys(_time.GetUtcNow()).Single();
        var two = LocalIssuer.FromPem(Url, key.ExportRSAPrivateKeyPem(), "k").Keys(_time.GetUtcNow()).Single();

        Assert.Equal(one.Id, two.Id);
        Assert.Equal(one.CertificatePem, two.CertificatePem);
    }

    [Fact]
    public void FromPem_SeveralKeys_FirstSignsAndAllArePublished()
    {
        var (first, second) = (LocalIssuer.FromPem(Url, First, "k"), LocalIssuer.FromPem(Url, Second, "k"));
        var both = LocalIssuer.FromPem(Url, $"the next one first\n{Second}\n{First}\n", "k");

        Assert.Equal(second.KeyId, both.KeyId);
        Assert.Equal([second.KeyId, first.KeyId], PublishedKeys.Ids(both, _time.GetUtcNow()));
        using var published = PublishedKeys.Of(both, _time.GetUtcNow());
        PublishedKeys.Verified(second.Sign("JWT", []), published);
    }

    [Fact]
    public void FromPem_Nonsense_NamesTheFile()
    {
        var failure = Assert.Throws<TokenSourceException>(() => LocalIssuer.FromPem(Url, "nonsense", "/etc/key.pem"));
        Assert.Equal("/etc/key.pem is not a PEM block (-----BEGIN PRIVATE KEY-----).", failure.Message);
    }

    [Fact]
    public void FromPem_SecondBlockIsNoKey_SaysWhichAndWhat()
    {
        using var key = RSA.Create(2048);
        var failure = Assert.Throws<TokenSourceException>(
            () => LocalIssuer.FromPem(Url, First + "\n" + key.ExportSubjectPublicKeyInfoPem(), "/etc/key.pem"));
        Assert.Equal("Key 2 of /etc/key.pem is a public key; the private key is needed.", failure.Message);
    }

    [Fact]
    public void FromPem_SecondBlockCutOff_SaysSo()
    {
        var failure = Assert.Throws<TokenSourceException>(
            () => LocalIssuer.FromPem(Url, First + "\n" + Second[..(Second.Length / 2)], "/etc/key.pem"));
        Assert.StartsWith("Key 2 of /etc/key.pem is a broken PEM block", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Second[40..80], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromPem_SmallKey_SaysHowToMakeOne()
    {
        using var key = RSA.Create(1024);
        var failure = Assert.Throws<TokenSourceException>(
            () => LocalIssuer.FromPem(Url, key.ExportPkcs8PrivateKeyPem(), "/etc/key.pem"));
        Assert.StartsWith("/etc/key.pem holds a key of 1024 bits; RS256 needs 2048 or more.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replacing_AnotherKey_OldOneIsPublishedUntilItsLastTokenHasExpired()
    {
        var old = LocalIssuer.FromPem(Url, First, "k");
        var next = LocalIssuer.FromPem(Url, Second, "k").Replacing(old, _time.GetUtcNow());

        Assert.Equal([next.KeyId, old.KeyId], PublishedKeys.Ids(next, _time.GetUtcNow()));
        _time.Advance(LocalIssuer.TokenLife);
        Assert.Equal([next.KeyId, old.KeyId], PublishedKeys.Ids(next, _time.GetUtcNow()));
        _time.Advance(LocalIssuer.Overlap - LocalIssuer.TokenLife);
        Assert.Equal([next.KeyId], PublishedKeys.Ids(next, _time.GetUtcNow()));
    }

    [Fact]
    public void Replacing_ThereAndBack_EachKeyOnceAndTheSignersFirst()
    {
        var first = LocalIssuer.FromPem(Url, First, "k");
        var second = LocalIssuer.FromPem(Url, Second, "k").Replacing(first, _time.GetUtcNow());
        var again = LocalIssuer.FromPem(Url, First, "k").Replacing(second, _time.GetUtcNow());

        Assert.Equal([first.KeyId, second.KeyId], PublishedKeys.Ids(again, _time.GetUtcNow()));
    }

    [Fact]
    public void KeyId_KeyOfTheRfc_ItsThumbprint()
    {
        // RFC 7638 section 3.1.
        using var key = RSA.Create(new RSAParameters
        {
            Exponent = Base64Url.DecodeFromChars("AQAB"),
            Modulus = Base64Url.DecodeFromChars(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhM"
                + "stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"),
        });
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", new IssuerKey(key).Id);
    }

    private static string MakePem()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
