using System.Globalization;
using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;

namespace Mds.Server.Reload;

/// <summary>What the settings and the credentials change in the claims document.</summary>
internal static class ClaimsOverlay
{
    /// <summary>
    /// Lays over the claims: what key files say of project and account where the claims are only a sample; an account for
    /// each credential, since a credential that no path leads to is of no use; the universe of a credential, where the
    /// claims do not put the machine in another than Google's public cloud; and last the <c>GOOGLE_*</c> variables.
    /// </summary>
    /// <param name="claims">The document.</param>
    /// <param name="isSample">Whether it is the built-in sample and not the user's own.</param>
    /// <param name="overrides">The variables.</param>
    /// <param name="credentials">Each account that has a credential, with what is known of it.</param>
    public static Claims Apply(
        Claims claims,
        bool isSample,
        OverrideSettings overrides,
        IEnumerable<KeyValuePair<string, TokenSourceDescription?>> credentials)
    {
        foreach (var (account, description) in credentials)
        {
            if (isSample && description?.ProjectId is { } projectId)
            {
                claims = claims.WithProjectId(projectId);
            }

            if (description?.UniverseDomain is { Length: > 0 } universe && claims.UniverseDomain is GoogleEndpoints.DefaultUniverse or "")
            {
                claims = claims.WithUniverseDomain(universe);
            }

            // An account that is configured by its address keeps it, whatever its credential says: clients ask for that.
            var named = account.Contains('@', StringComparison.Ordinal) ? account : description?.Principal;
            if (claims.FindAccountEmail(account) is null || (isSample && named is not null))
            {
                // What a credential says of itself, and a project's id, may be no part of a path.
                var address = named ?? $"{account}@{claims.ProjectId ?? "mds"}.iam.gserviceaccount.com";
                claims = claims.WithAccountEmail(account, CredentialSettings.IsAccount(address) ? address : $"{account}@mds.iam.gserviceaccount.com");
            }
        }

        if (overrides.ProjectId is { } id)
        {
            claims = claims.WithProjectId(id);
        }

        if (overrides.NumericProjectId is { } number)
        {
            claims = claims.WithNumericProjectId(number.ToString(CultureInfo.InvariantCulture));
        }

        return overrides.ServiceAccount is { } email
            ? claims.WithAccountEmail(CredentialSettings.DefaultAccount, email)
            : claims;
    }
}
