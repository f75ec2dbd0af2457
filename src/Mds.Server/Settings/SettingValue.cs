namespace Mds.Server.Settings;

/// <summary>One value that was given, and by what.</summary>
/// <param name="Text">The value.</param>
/// <param name="Origin">What gave it, to be named in errors: <c>-port</c>, <c>MDS_port</c>, or a key of the settings file.</param>
internal readonly record struct SettingValue(string Text, string Origin);
