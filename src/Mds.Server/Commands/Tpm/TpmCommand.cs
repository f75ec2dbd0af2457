using System.CommandLine;

namespace Mds.Server.Commands;

/// <summary><c>mds-server tpm</c>: what there is to do with a key in a TPM before the server uses it.</summary>
internal static class TpmCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("tpm", "Checks a key inside a TPM 2.0, or makes a certificate of it for Google.")
    {
        TpmCheckCommand.Create(),
        TpmCertificateCommand.Create(),
    };
}
