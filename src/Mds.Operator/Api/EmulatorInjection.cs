namespace Mds.Operator.Api;

/// <summary>What pods that ask for this emulator are given.</summary>
/// <param name="Env">The environment variables that Google's client libraries read.</param>
/// <param name="HostAliases"><c>metadata.google.internal</c> in the pod's hosts file, for programs that read no variable.</param>
internal sealed record EmulatorInjection(bool Env, bool HostAliases);
