using System.Text;

namespace Mds.Metadata;

/// <summary>
/// The two spellings of a fixed key: <c>machine-type</c> in a path, <c>machineType</c> in JSON (observed on every real
/// server).
/// </summary>
internal static class KeyName
{
    /// <summary>Whether a key can be listed and asked for.</summary>
    public static bool IsPossible(string name) => name.Length > 0 && !name.Any(c => c == '/' || char.IsControl(c));

    /// <summary>The lowerCamelCase spelling of a path segment.</summary>
    public static string ToJson(string pathName)
    {
        var json = new StringBuilder(pathName.Length);
        for (var i = 0; i < pathName.Length; i++)
        {
            var afterDash = i > 0 && pathName[i - 1] == '-';
            if (pathName[i] != '-')
            {
                json.Append(afterDash ? char.ToUpperInvariant(pathName[i]) : pathName[i]);
            }
        }

        return json.ToString();
    }

    /// <summary>
    /// The path segment of a JSON key: kebab-case where the key is lowerCamelCase, else the key as it is, because only
    /// the first kind can be turned back.
    /// </summary>
    public static string ToPath(string jsonName)
    {
        if (jsonName.Length == 0 || !char.IsAsciiLetterLower(jsonName[0]) || !jsonName.All(char.IsAsciiLetterOrDigit)
            || !jsonName.Any(char.IsAsciiLetterUpper))
        {
            return jsonName;
        }

        var path = new StringBuilder(jsonName.Length + 4);
        foreach (var c in jsonName)
        {
            if (char.IsAsciiLetterUpper(c))
            {
                path.Append('-');
            }

            path.Append(char.ToLowerInvariant(c));
        }

        return path.ToString();
    }
}
