namespace Mds.Credentials;

/// <summary>Signs a SHA-256 hash with RSASSA-PKCS1-v1_5 (RS256), by a key that need not be in this process.</summary>
/// <param name="hash">The hash.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <returns>The signature.</returns>
public delegate Task<byte[]> SignHash(byte[] hash, CancellationToken cancellationToken);
