using System.Security.Cryptography;

namespace Mds.Credentials;

/// <summary>Reads an RSA private key from PEM text and says in words what is wrong with it, without repeating any of it.</summary>
internal static class RsaPem
{
    /// <summary>Reads every key of a text that may hold several, one PEM block after the other.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="where">What the text is, to begin the sentence with.</param>
    /// <returns>The keys in the order of the text, at least one.</returns>
    /// <exception cref="TokenSourceException">A block is not an RSA private key.</exception>
    public static IReadOnlyList<RSA> ParseAll(string pem, string where)
    {
        var keys = new List<RSA>();
        var rest = pem;
        do
        {
            var end = PemEncoding.TryFind(rest, out var fields) ? fields.Location.End.GetOffset(rest.Length) : rest.Length;
            keys.Add(Parse(rest[..end], keys.Count == 0 ? where : $"Key {keys.Count + 1} of {where}"));
            rest = rest[end..];
        }
        while (rest.Contains("-----BEGIN", StringComparison.Ordinal));

        return keys;
    }

    /// <summary>Reads the one key of a text.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="where">What the text is, to begin the sentence with: <c>"private_key" of /etc/key.json</c>.</param>
    /// <exception cref="TokenSourceException">The text is not an RSA private key.</exception>
    public static RSA Parse(string pem, string where)
    {
        if (!PemEncoding.TryFind(pem, out var fields))
        {
            throw Unusable(where, pem switch
            {
                _ when string.IsNullOrWhiteSpace(pem) => "is empty",
                _ when pem.Contains(@"\n", StringComparison.Ordinal) =>
                    @"holds the two characters \ and n where its line breaks belong; it was escaped once too often",
                _ when pem.Contains("-----BEGIN", StringComparison.Ordinal) =>
                    "is a broken PEM block: its END line is missing or does not match, or what is between is not base64",
                _ => "is not a PEM block (-----BEGIN PRIVATE KEY-----)",
            });
        }

        var label = pem[fields.Label];
        if (label is not ("PRIVATE KEY" or "RSA PRIVATE KEY"))
        {
            throw Unusable(where, label switch
            {
                "ENCRYPTED PRIVATE KEY" => "is encrypted; it must be a key without a passphrase",
                "EC PRIVATE KEY" => "is an elliptic curve key; it must be an RSA key",
                _ when label.EndsWith("PUBLIC KEY", StringComparison.Ordinal) => "is a public key; the private key is needed",
                "CERTIFICATE" => "is a certificate; the private key is needed",
                _ => "is a PEM block of another kind; it must be PRIVATE KEY or RSA PRIVATE KEY",
            });
        }

        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            // The cause is left out: it says nothing to people, and nothing from inside the key may get out.
            throw Unusable(where, "is a PEM block, but what is in it is not an RSA private key; it may be cut off or damaged");
        }
    }

    private static TokenSourceException Unusable(string where, string problem) =>
        new(TokenSourceFault.Unusable, $"{where} {problem}.");
}
