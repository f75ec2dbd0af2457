using System.Globalization;

namespace Mds.Operator.Credentials;

/// <summary>Where the files of one credential are mounted, by its place in the list.</summary>
/// <param name="Index">The place.</param>
internal readonly record struct CredentialFolder(int Index)
{
    private string Number => Index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The folder of its Secrets.</summary>
    public string Path => $"/etc/mds/credentials/{Number}";

    /// <summary>The folder of its Kubernetes token.</summary>
    public string TokenPath => $"/var/run/secrets/mds/{Number}";

    /// <summary>Its Kubernetes token.</summary>
    public string TokenFile => $"{TokenPath}/{TokenFileName}";

    /// <summary>The volume of its Secrets.</summary>
    public string Volume => $"credential-{Number}";

    /// <summary>The volume of its Kubernetes token.</summary>
    public string TokenVolume => $"token-{Number}";

    /// <summary>The name of the file with a Kubernetes token.</summary>
    public const string TokenFileName = "token";

    /// <summary>The path of a file of a Secret's.</summary>
    /// <param name="name">Its name.</param>
    public string File(string name) => $"{Path}/{name}";
}
