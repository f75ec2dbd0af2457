namespace Mds.Server.Settings;

/// <summary>Values that take the place of what the claims document says. They are the reference emulator's variables.</summary>
/// <param name="ProjectId"><c>GOOGLE_PROJECT_ID</c>.</param>
/// <param name="NumericProjectId"><c>GOOGLE_NUMERIC_PROJECT_ID</c>.</param>
/// <param name="ServiceAccount"><c>GOOGLE_SERVICE_ACCOUNT</c>: the e-mail address of the account <c>default</c>.</param>
internal sealed record OverrideSettings(string? ProjectId = null, ulong? NumericProjectId = null, string? ServiceAccount = null);
