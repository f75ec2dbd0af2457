namespace Mds.Operator.Emulators;

/// <summary>What was found of one aspect: a reason, and a sentence about this very case.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Message">The sentence.</param>
internal sealed record Finding(Reason Reason, string Message);
