namespace Mds.Tpm;

/// <summary>A structure is shorter than it says, or holds what no TPM writes there.</summary>
internal sealed class TpmFormatException() : Exception("A TPM structure ends too early or holds what no TPM writes there.");
