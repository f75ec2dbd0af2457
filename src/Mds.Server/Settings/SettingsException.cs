namespace Mds.Server.Settings;

/// <summary>The settings cannot be used. Each error is a sentence that names the switch, variable or key.</summary>
internal sealed class SettingsException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errors">Every error found, in the order of the settings.</param>
    public SettingsException(IReadOnlyList<string> errors) : base(string.Join(Environment.NewLine, errors)) =>
        Errors = errors;

    /// <summary>Every error found.</summary>
    public IReadOnlyList<string> Errors { get; }
}
