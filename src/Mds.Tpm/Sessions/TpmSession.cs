using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>An HMAC or policy session as this side knows it (Part 1, 19).</summary>
internal sealed class TpmSession : IDisposable
{
    /// <summary>The length of nonces and salts: that of the session's hash (Part 1, 19.6.4).</summary>
    public const int NonceLength = SHA256.HashSizeInBytes;

    private readonly byte[] _sessionKey;

    /// <summary>Creates the session after TPM2_StartAuthSession.</summary>
    /// <param name="handle">Its handle.</param>
    /// <param name="isPolicy">Whether it is a policy session.</param>
    /// <param name="salt">The salt; empty when there is none.</param>
    /// <param name="nonceCaller">The nonce sent.</param>
    /// <param name="nonceTpm">The nonce received.</param>
    public TpmSession(uint handle, bool isPolicy, ReadOnlySpan<byte> salt, byte[] nonceCaller, byte[] nonceTpm)
    {
        Entity = TpmEntity.Permanent(handle);
        IsPolicy = isPolicy;
        NonceCaller = nonceCaller;
        NonceTpm = nonceTpm;
        // Without salt, and bound to nothing, a session has no key of its own (Part 1, 19.6.8).
        _sessionKey = salt.IsEmpty ? [] : KeyDerivation.Derive(salt, "ATH", nonceTpm, nonceCaller);
    }

    /// <summary>The session as commands name it.</summary>
    public TpmEntity Entity { get; }

    /// <summary>Whether it is a policy session.</summary>
    public bool IsPolicy { get; }

    /// <summary>Whether it is salted to a key of the TPM, so that what it encrypts is secret from everybody between.</summary>
    public bool IsSalted => _sessionKey.Length > 0;

    /// <summary>This side's nonce of the command under way.</summary>
    public byte[] NonceCaller { get; private set; }

    /// <summary>The TPM's latest nonce.</summary>
    public byte[] NonceTpm { get; private set; }

    /// <summary>Begins a command with a nonce of its own.</summary>
    public void RollCaller() => NonceCaller = RandomNumberGenerator.GetBytes(NonceLength);

    /// <summary>Ends a command that the TPM carried out. A refused command leaves its nonce as it was.</summary>
    /// <param name="nonce">The nonce received.</param>
    public void RollTpm(ReadOnlySpan<byte> nonce) => NonceTpm = nonce.ToArray();

    /// <summary>The key of HMACs and of parameter encryption: the session's own key, then the password that it proves.</summary>
    /// <param name="authValue">The password; empty where none is proven.</param>
    public SecretBytes KeyWith(ReadOnlySpan<byte> authValue) => SecretBytes.Concat(_sessionKey, authValue);

    /// <summary>Clears the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_sessionKey);
}
