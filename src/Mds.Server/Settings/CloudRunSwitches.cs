using Mds.Metadata;
using Mds.Server.CredentialKinds;

namespace Mds.Server.Settings;

/// <summary>
/// What the Cloud Run emulator's own switches say (kelseyhightower/container-instance-metadata-server, main.go), so that a
/// command line made for it works here.
/// </summary>
/// <param name="layers">Where values are found.</param>
/// <param name="errors">Takes a sentence for each thing that is wrong.</param>
internal sealed class CloudRunSwitches(SettingsLayers layers, List<string> errors)
{
    /// <summary>Where it listens: <c>ADDRESS:PORT</c>.</summary>
    public const string ListenAddress = "listen-address";

    private const string Document = "metadata";
    private const string ServiceAccount = "service-account";

    /// <summary>The flavor unless one is named: who speaks to that emulator means Cloud Run.</summary>
    public MetadataFlavor DefaultFlavor =>
        (layers.Find(ListenAddress) ?? layers.Find(Document) ?? layers.Find(ServiceAccount)) is null ? MetadataFlavor.GCE : MetadataFlavor.CloudRun;

    /// <summary>The claims document.</summary>
    public string? ConfigFile()
    {
        var (given, cloudRun) = (layers.Find("configFile"), layers.Find(Document));
        if (given is { } one && cloudRun is { } other)
        {
            errors.Add($"{one.Origin} and {other.Origin} both name the claims document. Give one of them.");
        }

        return (given ?? cloudRun)?.Text;
    }

    /// <summary>The account's address, over what variables say.</summary>
    /// <param name="overrides">What those say.</param>
    public OverrideSettings Over(OverrideSettings overrides)
    {
        if (layers.Find(ServiceAccount) is not { } email)
        {
            return overrides;
        }

        if (!email.Text.Contains('@', StringComparison.Ordinal) || !CredentialSettings.IsAccount(email.Text))
        {
            errors.Add($"{email.Origin}: \"{email.Text}\" is not an e-mail address. Give the service account's.");
        }

        return overrides with { ServiceAccount = email.Text };
    }

    /// <summary>That emulator impersonates the account by application default credentials, unless another credential speaks for it.</summary>
    /// <param name="credentials">The other credentials.</param>
    public IReadOnlyList<CredentialSettings> Over(IReadOnlyList<CredentialSettings> credentials) =>
        layers.Find(ServiceAccount) is { } email && credentials.All(credential => credential.Account != CredentialSettings.DefaultAccount)
            ? [new ImpersonationSettings(CredentialSettings.DefaultAccount, email.Text, ApplicationDefaultFile.Find(layers.Variables)), .. credentials]
            : credentials;
}
