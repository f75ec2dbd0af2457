using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>A Secret's key as a file of the server's.</summary>
/// <param name="Secret">The Secret and its key.</param>
/// <param name="Name">The file's name in the credential's folder.</param>
internal sealed record SecretFile(KeyReference Secret, string Name);
