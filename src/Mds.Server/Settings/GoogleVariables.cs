using System.Globalization;
using Mds.Server.CredentialKinds;

namespace Mds.Server.Settings;

/// <summary>The <c>GOOGLE_*</c> variables, which the reference emulator has too.</summary>
/// <param name="variables">The variables of the process.</param>
/// <param name="errors">Takes a sentence for each thing that is wrong with them.</param>
internal sealed class GoogleVariables(IReadOnlyDictionary<string, string> variables, List<string> errors)
{
    /// <summary>What takes the place of values of the claims.</summary>
    public OverrideSettings Overrides()
    {
        ulong? number = null;
        if (Variable("GOOGLE_NUMERIC_PROJECT_ID") is { } text)
        {
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                number = parsed;
            }
            else
            {
                errors.Add($"GOOGLE_NUMERIC_PROJECT_ID: \"{text}\" is not a number. Give the project's number, not its id, or unset it.");
            }
        }

        var account = Variable("GOOGLE_SERVICE_ACCOUNT");
        if (account is not null && !CredentialSettings.IsAccount(account))
        {
            errors.Add($"GOOGLE_SERVICE_ACCOUNT: \"{account}\" is not an e-mail address. Give the service account's, or unset it.");
        }

        return new OverrideSettings(Variable("GOOGLE_PROJECT_ID"), number, account);
    }

    /// <summary>The fixed tokens of the account <c>default</c>; <see langword="null"/> when there are none.</summary>
    public StaticSettings? FixedTokens()
    {
        var accessToken = Variable("GOOGLE_ACCESS_TOKEN");
        var identityToken = Variable("GOOGLE_ID_TOKEN");
        return accessToken is null && identityToken is null
            ? null
            : new StaticSettings(CredentialSettings.DefaultAccount, accessToken, identityToken);
    }

    private string? Variable(string name) =>
        variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
