namespace Mds.Operator.Emulators;

/// <summary>What was found of an emulator's claims.</summary>
/// <param name="Finding">Whether they can be served.</param>
/// <param name="Ship">The JSON text to put into the emulator's ConfigMap; null for none.</param>
internal sealed record ClaimsFinding(Finding Finding, string? Ship);
