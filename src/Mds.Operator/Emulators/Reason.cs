namespace Mds.Operator.Emulators;

/// <summary>One reason a condition can have, and what a person who reads it should know.</summary>
/// <param name="Name">The reason, as it is in the condition.</param>
/// <param name="Status">What the condition's status is with it: True, False or Unknown.</param>
/// <param name="Meaning">What it means.</param>
/// <param name="Remedy">What to do about it; empty when there is nothing to do.</param>
internal sealed record Reason(string Name, string Status, string Meaning, string Remedy = "")
{
    /// <summary>It holds.</summary>
    public const string True = "True";

    /// <summary>It does not hold.</summary>
    public const string False = "False";

    /// <summary>Nobody can say.</summary>
    public const string Unknown = "Unknown";
}
