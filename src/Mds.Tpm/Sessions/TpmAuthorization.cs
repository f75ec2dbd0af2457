using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>
/// What a command carries to be allowed: a session and the password it proves, or no session where there is no password
/// (Part 2, 10.13.2, TPMS_AUTH_COMMAND). Passwords are proven by HMAC and never sent, with or without encryption.
/// </summary>
/// <param name="Session">The session; <see langword="null"/> for the empty password of TPM_RS_PW.</param>
/// <param name="Password">What the session proves; <see langword="null"/> for nothing.</param>
internal sealed record TpmAuthorization(TpmSession? Session, SecretBytes? Password = null)
{
    private const byte ContinueSession = 0x01;
    private const byte Decrypt = 0x20;

    /// <summary>The empty password.</summary>
    public static TpmAuthorization None { get; } = new((TpmSession?)null);

    /// <summary>
    /// Whether it encrypts the command's first parameter. Answers are not encrypted: of the commands sent here none
    /// answers a secret, and a signature cannot be encrypted (Part 1, 21.2: only a TPM2B can).
    /// </summary>
    public bool Encrypts => Session is { IsPolicy: false, IsSalted: true };

    private byte Attributes => (byte)(Encrypts ? ContinueSession | Decrypt : ContinueSession);

    private SecretBytes Key => Session!.KeyWith(Password is null ? [] : Password.Span);

    /// <summary>Encrypts a parameter where it stands: AES-128 in CFB mode with key and IV from KDFa (Part 1, 21.3).</summary>
    /// <param name="parameter">The content of the TPM2B.</param>
    public void EncryptParameter(Span<byte> parameter)
    {
        using var secret = Key;
        var derived = KeyDerivation.Derive(secret.Span, "CFB", Session!.NonceCaller, Session.NonceTpm);
        using var aes = Aes.Create();
        aes.SetKey(derived.AsSpan(0, 16));
        // The runtime wants whole blocks; CFB is a stream, so that what is beyond the end is cut off again.
        var blocks = new byte[(parameter.Length + 15) / 16 * 16];
        parameter.CopyTo(blocks);
        aes.EncryptCfb(blocks, derived.AsSpan(16), PaddingMode.None, feedbackSizeInBits: 128).AsSpan(0, parameter.Length).CopyTo(parameter);
        CryptographicOperations.ZeroMemory(derived);
    }

    /// <summary>Writes itself into a command.</summary>
    /// <param name="writer">The command.</param>
    /// <param name="commandHash">The hash over the command (Part 1, 18.7, cpHash).</param>
    /// <param name="encrypting">The nonce of another session that encrypts; empty when none does (Part 1, 19.6.5).</param>
    public void Write(TpmWriter writer, ReadOnlySpan<byte> commandHash, ReadOnlySpan<byte> encrypting)
    {
        if (Session is null)
        {
            writer.UInt32(TpmRh.Password).Sized([]).Byte(ContinueSession).Sized([]);
            return;
        }

        writer.UInt32(Session.Entity.Handle).Sized(Session.NonceCaller).Byte(Attributes)
            .Sized(Mac(commandHash, Session.NonceCaller, Session.NonceTpm, encrypting, Attributes));
    }

    /// <summary>Checks the TPM's part of an answer (Part 2, 10.13.3, TPMS_AUTH_RESPONSE) and takes its nonce.</summary>
    /// <param name="reader">Where it stands.</param>
    /// <param name="responseHash">The hash over the response (Part 1, 18.8, rpHash).</param>
    /// <returns>Whether it was made by somebody who knows the secrets.</returns>
    public bool Verify(ref TpmReader reader, ReadOnlySpan<byte> responseHash)
    {
        var nonce = reader.Sized();
        var attributes = reader.Byte();
        var mac = reader.Sized();
        if (Session is null)
        {
            return true;
        }

        Session.RollTpm(nonce);
        return CryptographicOperations.FixedTimeEquals(mac, Mac(responseHash, nonce, Session.NonceCaller, [], attributes));
    }

    // Part 1, 19.6.5. A session that has no secret proves nothing and sends nothing: a policy alone decides then.
    private byte[] Mac(
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> newer, ReadOnlySpan<byte> older, ReadOnlySpan<byte> encrypting, byte attributes)
    {
        using var key = Key;
        if (key.IsEmpty)
        {
            return [];
        }

        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Span);
        hmac.AppendData(hash);
        hmac.AppendData(newer);
        hmac.AppendData(older);
        hmac.AppendData(encrypting);
        hmac.AppendData([attributes]);
        return hmac.GetHashAndReset();
    }
}
