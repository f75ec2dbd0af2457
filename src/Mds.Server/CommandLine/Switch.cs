namespace Mds.Server.CommandLine;

/// <summary>One switch of the command line, which is also a key of the settings file and an <c>MDS_</c> variable.</summary>
/// <param name="Name">The name as it is written, without dashes: <c>configFile</c>.</param>
/// <param name="Group">The heading it stands under in <c>--help</c>.</param>
/// <param name="Value">What its value is called in <c>--help</c>; <see langword="null"/> for a yes-or-no switch, in brackets when it may be left out.</param>
/// <param name="Description">What it does, in a phrase.</param>
/// <param name="Default">The value it has when it is not given, for people; <see langword="null"/> for none.</param>
internal sealed record Switch(string Name, string Group, string? Value, string Description, string? Default = null)
{
    /// <summary>Whether it may stand without a value, meaning yes.</summary>
    public bool IsFlag => Value is null;

    /// <summary>Whether it may stand with or without a value; without one it says yes, as the reference emulator's do.</summary>
    public bool IsOptional => Value is ['[', ..];
}
