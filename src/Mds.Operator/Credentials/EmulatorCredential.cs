using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Credentials;

/// <summary>What an emulator gets one account's tokens from. Each kind is one type: its schema, its reading, its settings.</summary>
/// <param name="Account"><c>default</c> or the e-mail of a service account.</param>
internal abstract record EmulatorCredential(string Account)
{
    /// <summary>The Secrets that the server reads, each as one file.</summary>
    public virtual ImmutableArray<SecretFile> Secrets => [];

    /// <summary>The token of the server's own Kubernetes account that it is given; null for none.</summary>
    public virtual KubernetesToken? Token => null;

    /// <summary>The device of the node that it is given; null for none.</summary>
    public virtual NodeDevice? Device => null;

    /// <summary>The entry of the server's settings, without the account.</summary>
    /// <param name="emulator">The emulator it is of.</param>
    /// <param name="folder">Where its files are.</param>
    public abstract JsonObject Settings(Emulator emulator, CredentialFolder folder);
}
