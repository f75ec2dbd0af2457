namespace Mds.Server.CredentialKinds;

/// <summary>One key of a kind of credential.</summary>
/// <param name="Name">Its name in the settings.</param>
/// <param name="Switch">The switch that says the same about the account <c>default</c>, without a dash; <see langword="null"/> when there is none.</param>
/// <param name="IsList">Whether it is a list; a switch then takes commas.</param>
internal sealed record CredentialKey(string Name, string? Switch = null, bool IsList = false);
