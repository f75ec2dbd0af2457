namespace Mds.Credentials;

/// <summary>A program could not be started.</summary>
/// <param name="reason">The system's reason, without a full stop.</param>
internal sealed class ProgramStartException(string reason) : Exception(reason);
