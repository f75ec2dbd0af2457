using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Metadata;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>Looks at claims before they ship, so that no running server ever meets broken ones.</summary>
internal static class ClaimsInspection
{
    private const int MaxErrors = 5;

    /// <summary>Claims written into the resource. Broken ones are not shipped; what was shipped before stays.</summary>
    /// <param name="emulator">The emulator.</param>
    /// <param name="shipped">The ConfigMap as it stands; null when there is none.</param>
    public static ClaimsFinding Inline(Emulator emulator, JsonObject? shipped)
    {
        var text = JsonText.Indented(emulator.Claims);
        return Errors(text, "spec.claims") is { Count: > 0 } errors
            ? new ClaimsFinding(
                new Finding(Reasons.ClaimsInvalid, Sentence(errors.Select(error => $"$.spec.claims{error.JsonPath[1..]}: {error.Message}"))),
                shipped?["data"]?[ServerSettings.ClaimsFile]?.GetValue<string>())
            : new ClaimsFinding(new Finding(Reasons.ClaimsAccepted, "The claims are well formed."), text);
    }

    /// <summary>Claims in a ConfigMap of the user's, which the server mounts itself.</summary>
    /// <param name="reference">Where they are.</param>
    /// <param name="configMap">The ConfigMap; null when there is none.</param>
    public static ClaimsFinding Referenced(KeyReference reference, JsonObject? configMap)
    {
        if (configMap is null)
        {
            return Found(Reasons.ConfigMapNotFound, $"There is no ConfigMap {reference.Name} in this namespace; claimsFrom names it.");
        }

        if (Text(configMap, reference.Key) is not { } text)
        {
            return Found(Reasons.ConfigMapKeyNotFound, $"The ConfigMap {reference.Name} has no key {reference.Key}; claimsFrom names it.");
        }

        return Errors(text, reference.Key) is { Count: > 0 } errors
            ? Found(
                Reasons.ClaimsInvalid,
                $"ConfigMap {reference.Name}, key {reference.Key}: "
                + Sentence(errors.Select(error => $"line {error.Line.ToString(CultureInfo.InvariantCulture)}, {error.JsonPath}: {error.Message}")))
            : Found(Reasons.ClaimsAccepted, $"The claims in ConfigMap {reference.Name}, key {reference.Key}, are well formed.");

        static ClaimsFinding Found(Reason reason, string message) => new(new Finding(reason, message), null);
    }

    private static string? Text(JsonObject configMap, string key)
    {
        if (configMap["data"]?[key] is { } text)
        {
            return text.GetValue<string>();
        }

        return configMap["binaryData"]?[key] is { } bytes
            ? Encoding.UTF8.GetString(Convert.FromBase64String(bytes.GetValue<string>()))
            : null;
    }

    private static IReadOnlyList<ClaimsError> Errors(string text, string source)
    {
        try
        {
            Claims.Parse(Encoding.UTF8.GetBytes(text), source);
            return [];
        }
        catch (ClaimsException e)
        {
            return e.Errors;
        }
    }

    private static string Sentence(IEnumerable<string> errors)
    {
        var all = errors.ToList();
        var told = string.Join(" ", all.Take(MaxErrors));
        return all.Count > MaxErrors ? $"{told} And {(all.Count - MaxErrors).ToString(CultureInfo.InvariantCulture)} more." : told;
    }
}
