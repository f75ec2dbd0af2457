namespace Mds.Tpm;

/// <summary>Says why a device cannot be opened and what to do.</summary>
internal static class DeviceTrouble
{
    private const int NoSuchDevice = 6; // ENXIO: nobody is behind the file, or it is a socket
    private const int Busy = 16; // EBUSY

    public static TpmException Explain(string path, Exception cause) => cause switch
    {
        FileNotFoundException or DirectoryNotFoundException => Unreachable(
            $"There is no TPM at {path}: the file does not exist. Look for one with: ls /dev/tpm*. "
            + "A machine without any may have it switched off in its firmware; a container needs the device handed in.",
            cause),
        UnauthorizedAccessException when Directory.Exists(path) => Unreachable(
            $"{path} is a folder, not a TPM. Give a device, as in {TpmAddress.DefaultDevice}.", cause),
        UnauthorizedAccessException => Unreachable(
            $"This process may not open {path}: it needs to read and write it. {Remedy(path)}", cause),
        // The runtime gives the system's error number as the low half of HResult.
        IOException io when (io.HResult & 0xFFFF) == Busy || io.Message.Contains("busy", StringComparison.OrdinalIgnoreCase) => Unreachable(
            $"{path} is in use by another process. Give {TpmAddress.DefaultDevice} instead, which many can use at once.", cause),
        IOException io when (io.HResult & 0xFFFF) == NoSuchDevice => Unreachable(
            $"There is no TPM behind {path}. If it is the socket of a software TPM, write unix:{path}.", cause),
        _ => Unreachable($"The TPM {path} cannot be opened: {cause.Message.TrimEnd('.')}.", cause),
    };

    /// <summary>What is said of a file that is no device.</summary>
    public static TpmException NoDevice(string path) => new(
        TpmFault.NotTpm2,
        $"{path} is no TPM: it is a file, which is as it was. Give the TPM's device, as in {TpmAddress.DefaultDevice}; a key's file belongs to keyFile.");

    private static TpmException Unreachable(string message, Exception cause) => new(TpmFault.Unreachable, message, cause);

    private static string Remedy(string path) => FileGroup.Of(path) is { } group
        ? $"It belongs to the group {group}; add the process to it (usermod -aG {group} USER; docker --group-add {group}; supplementalGroups in a pod)."
        : "Add the process to the group that the device belongs to (ls -l says which; on Debian it is tss).";
}
