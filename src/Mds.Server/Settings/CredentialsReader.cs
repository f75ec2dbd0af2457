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

        var kinds = SettingsFile.CredentialKinds.Where(kind => layers.Has($"{key}:{kind}")).ToList();
        if (kinds.Count != 1)
        {
            errors.Add(kinds.Count == 0
                ? $"{origin} lacks a credential. Give exactly one of serviceAccountKey, local and static."
                : $"{origin} has {string.Join(" and ", kinds)}. Give exactly one of them.");
            return null;
        }

        var kindKey = $"{key}:{kinds[0]}";
        if (layers.Find(kindKey) is { } scalar)
        {
            errors.Add($"{scalar.Origin} is a single value. Make it an object.");
            return null;
        }

        var name = account?.Text ?? CredentialSettings.DefaultAccount;
        switch (kinds[0])
        {
            case "serviceAccountKey" when layers.Find(kindKey + ":file") is { } file:
                return new ServiceAccountKeySettings(name, file.Text);
            case "serviceAccountKey":
                errors.Add($"{layers.OriginOf(kindKey)} lacks file. Give the path of the JSON key file.");
                return null;
            case "local":
                return new LocalSettings(name, Issuer(layers.Find(kindKey + ":issuer")), layers.Find(kindKey + ":keyFile")?.Text);
            default:
                var accessToken = layers.Find(kindKey + ":accessToken")?.Text;
                var identityToken = layers.Find(kindKey + ":identityToken")?.Text;
                if (accessToken is null && identityToken is null)
                {
                    errors.Add($"{layers.OriginOf(kindKey)} is empty. Give accessToken, identityToken or both.");
                }

                return new StaticSettings(name, accessToken, identityToken);
        }
    }

    // What the switches and the GOOGLE_ variables say about the account "default".
    private CredentialSettings? DefaultCredential(List<CredentialSettings> listed)
    {
        var keyFile = layers.Find("serviceAccountFile");
        var local = parser.Flag("local", false);
        var issuer = layers.Find("localIssuer");
        var localKeyFile = layers.Find("localKeyFile");
        foreach (var value in new[] { issuer, localKeyFile })
        {
            if (value is { } given && !local)
            {
                errors.Add($"{given.Origin} is about the local issuer, which is off. Add -local, or leave it out.");
            }
        }

        if (keyFile is { } file && local)
        {
            errors.Add($"{file.Origin} and {layers.OriginOf("local")} both say who makes the tokens of the account \"default\". "
                + "Give one of them.");
        }

        var issuerAddress = local ? Issuer(issuer) : null;
        var fixedTokens = google.FixedTokens();
        CredentialSettings? explicitly = keyFile is { } key
            ? new ServiceAccountKeySettings(CredentialSettings.DefaultAccount, key.Text)
            : local ? new LocalSettings(CredentialSettings.DefaultAccount, issuerAddress, localKeyFile?.Text) : null;
        if (explicitly is not null && fixedTokens is not null)
        {
            notes.Add("GOOGLE_ACCESS_TOKEN and GOOGLE_ID_TOKEN are not used: "
                + $"{(keyFile?.Origin ?? layers.OriginOf("local"))} says where tokens come from.");
        }
        else if (fixedTokens is not null && listed.Exists(other => other.Account == CredentialSettings.DefaultAccount))
        {
            notes.Add("GOOGLE_ACCESS_TOKEN and GOOGLE_ID_TOKEN take the place of the settings file's credential for \"default\".");
        }

        return explicitly ?? fixedTokens;
    }

    private string? Issuer(SettingValue? given)
    {
        if (given is { } value && !(Uri.TryCreate(value.Text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            errors.Add($"{value.Origin}: \"{value.Text}\" is not an issuer. Give an http or https address, as in http://127.0.0.1:9000.");
        }

        return given?.Text;
    }
}
