namespace Mds.Credentials;

/// <summary>A configuration of gcloud: whom it is logged in as, and what it works on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Account">The person's or service account's address.</param>
/// <param name="Project">The project's id, where one is set.</param>
public sealed record GcloudConfiguration(string Name, string Account, string? Project)
{
    /// <summary>Reads a configuration from its file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">The text of the file; empty when there is none.</param>
    /// <param name="variables">The variables of the process, which win over the file, as they do in gcloud.</param>
    /// <exception cref="TokenSourceException">It has no account.</exception>
    public static GcloudConfiguration Read(string name, string text, IReadOnlyDictionary<string, string> variables)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(variables);
        var core = Core(text);
        return new(
            name,
            Value("account") ?? throw new TokenSourceException(
                TokenSourceFault.Unusable,
                $"The configuration \"{name}\" of gcloud has no account. Log in: gcloud auth login --configuration={name}."),
            Value("project"));

        string? Value(string key) =>
            variables.GetValueOrDefault("CLOUDSDK_CORE_" + key.ToUpperInvariant()) is { Length: > 0 } variable ? variable
            : core.GetValueOrDefault(key) is { Length: > 0 } value ? value
            : null;
    }

    // An INI file: sections in brackets, "key = value" below them.
    private static Dictionary<string, string> Core(string text)
    {
        var (values, section) = (new Dictionary<string, string>(), "");
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line is ['[', .. var name, ']'])
            {
                section = name;
            }
            else if (section == "core" && line.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, var value])
            {
                values[key] = value;
            }
        }

        return values;
    }
}
