using Mds.Server.CredentialKinds;

namespace Mds.Server.Settings;

/// <summary>Reads who speaks for which account.</summary>
/// <param name="layers">Where values are found.</param>
/// <param name="parser">Reads single values.</param>
/// <param name="google">The variables that may hold fixed tokens.</param>
/// <param name="errors">Takes a sentence for each thing that is wrong.</param>
/// <param name="notes">Takes what the person who starts the server should know, though it is no error.</param>
internal sealed class CredentialsReader(
    SettingsLayers layers, SettingParser parser, GoogleVariables google, List<string> errors, List<string> notes)
{
    /// <summary>Every credential, in the order of the list; the account <c>default</c> first where a switch or variable speaks for it.</summary>
    public List<CredentialSettings> Read()
    {
        var credentials = new List<CredentialSettings>();
        if (layers.Find("credentials") is { } scalar)
        {
            errors.Add($"{scalar.Origin} is a single value. Make it a list of objects with account and one kind of credential.");
        }

        foreach (var section in layers.Children("credentials"))
        {
            if (Credential(section.Path) is { } credential)
            {
                if (credentials.Exists(other => other.Account == credential.Account))
                {
                    errors.Add($"{layers.OriginOf(section.Path)}: the account \"{credential.Account}\" has a credential already. "
                        + "Remove one of the two.");
                }

                credentials.Add(credential);
            }
        }

        if (DefaultCredential(credentials) is { } forDefault)
        {
            credentials.RemoveAll(other => other.Account == CredentialSettings.DefaultAccount);
            credentials.Insert(0, forDefault);
        }

        return credentials;
    }

    private CredentialSettings? Credential(string key)
    {
        var origin = layers.OriginOf(key);
        var account = layers.Find(key + ":account");
        if (account is null)
        {
            errors.Add($"{origin} lacks account. Give \"default\" or the account's e-mail address.");
        }
        else if (!CredentialSettings.IsAccount(account.Value.Text))
        {
            errors.Add($"{account.Value.Origin}: \"{account.Value.Text}\" is not an account. Give \"default\" or an e-mail address.");
        }

        var kinds = KnownCredentialKinds.All.Where(kind => layers.Has($"{key}:{kind.Name}")).ToList();
        if (kinds.Count != 1)
        {
            errors.Add(kinds.Count == 0
                ? $"{origin} lacks a credential. Give exactly one of {Listed(KnownCredentialKinds.All)}."
                : $"{origin} has {Listed(kinds)}. Give exactly one of them.");
            return null;
        }

        var kindKey = $"{key}:{kinds[0].Name}";
        if (layers.Find(kindKey) is { } scalar)
        {
            errors.Add($"{scalar.Origin} is a single value. Make it an object.");
            return null;
        }

        return kinds[0].Read(CredentialSection.OfList(
            layers, parser, errors, account?.Text ?? CredentialSettings.DefaultAccount, kindKey));
    }

    // What the switches and the GOOGLE_ variables say about the account "default".
    private CredentialSettings? DefaultCredential(List<CredentialSettings> listed)
    {
        var kinds = KnownCredentialKinds.All.Where(kind => kind.Switch is not null).ToList();
        var on = kinds.Where(IsOn).ToList();
        foreach (var detail in kinds.SelectMany(kind => kind.Keys).Select(key => key.Switch).OfType<string>().Distinct())
        {
            var about = kinds.Where(kind => kind.Keys.Any(key => key.Switch == detail)).ToList();
            if (layers.Find(detail) is { } given && !about.Exists(kind => kind.Switch == detail || on.Contains(kind)))
            {
                errors.Add($"{given.Origin} is about {Joined(about.Select(kind => kind.Title), "and")}, which is off. "
                    + $"Add {Joined(about.Select(kind => "-" + kind.Switch), "or")}, or leave it out.");
            }
        }

        if (on.Count > 1)
        {
            errors.Add($"{Joined(on.Select(kind => layers.OriginOf(kind.Switch!)), "and")} "
                + $"{(on.Count == 2 ? "both" : "all")} say who makes the tokens of the account \"default\". Give one of them.");
        }

        var fixedTokens = google.FixedTokens();
        // Each is read, though only one can be meant: what is wrong with any of them is said as well.
        var explicitly = on.Select(kind => kind.Read(CredentialSection.OfSwitches(layers, parser, errors, kind))).ToList().FirstOrDefault();
        if (explicitly is not null && fixedTokens is not null)
        {
            notes.Add($"GOOGLE_ACCESS_TOKEN and GOOGLE_ID_TOKEN are not used: {layers.OriginOf(on[0].Switch!)} says where tokens come from.");
        }
        else if (fixedTokens is not null && listed.Exists(other => other.Account == CredentialSettings.DefaultAccount))
        {
            notes.Add("GOOGLE_ACCESS_TOKEN and GOOGLE_ID_TOKEN take the place of the settings file's credential for \"default\".");
        }

        return explicitly ?? fixedTokens;
    }

    // A switch that takes a value turns its kind on by being there; one that is yes or no, by saying yes; and one that may
    // stand without a value, unless it says no.
    private bool IsOn(CredentialKind kind) => CommandLine.Switches.Find(kind.Switch!)!.IsFlag
        ? parser.Flag(kind.Switch!, false)
        : layers.Find(kind.Switch!) is { } given && !given.Text.Equals("false", StringComparison.OrdinalIgnoreCase);

    private static string Listed(IEnumerable<CredentialKind> kinds) => Joined(kinds.Select(kind => kind.Name), "and");

    private static string Joined(IEnumerable<string> names, string last)
    {
        string[] all = [.. names];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} {last} {all[^1]}";
    }
}
