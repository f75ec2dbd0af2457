using System.Text.Json;

namespace Mds.Credentials;

/// <summary>The JSON form of a <see cref="ServiceAccountKey"/>: what must be in it, and a sentence for each way it can be wrong.</summary>
internal static class ServiceAccountKeyFile
{
    private const string ExpectedType = "service_account";
    private const string HowToMake = "make one with: gcloud iam service-accounts keys create key.json --iam-account EMAIL";

    private static readonly string[] Required = ["client_email", "private_key"];

    public static ServiceAccountKey Read(ReadOnlyMemory<byte> utf8, string source)
    {
        using var document = ParseJson(utf8, source);
        try
        {
            return Read(document.RootElement, source);
        }
        catch (InvalidOperationException)
        {
            // The parser looks at bytes; what they mean is only found out when a string is wanted.
            throw Unusable($"{source} holds text that is not valid Unicode; it was damaged on its way. Use the file as Google made it.");
        }
    }

    private static ServiceAccountKey Read(JsonElement file, string source)
    {
        if (file.ValueKind is not JsonValueKind.Object)
        {
            throw Unusable($"{source} holds a JSON {Kind(file.ValueKind)}, not the object of a service account key; {HowToMake}.");
        }

        RequireType(file, source);
        string[] missing = [.. Required.Where(name => Text(file, name, source) is null or "")];
        if (missing.Length > 0)
        {
            throw Unusable(
                $"{source} is a service account key without {string.Join(" and ", missing.Select(Quoted))}; "
                + "it was cut down or written by hand. Use the file as Google made it.");
        }

        return new(
            Text(file, "client_email", source)!,
            RsaPem.Parse(Text(file, "private_key", source)!, $"\"private_key\" of {source}"),
            TokenUri(file, source))
        {
            ProjectId = Text(file, "project_id", source),
            PrivateKeyId = Text(file, "private_key_id", source),
            UniverseDomain = Text(file, "universe_domain", source),
        };
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> utf8, string source)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (utf8.Span.StartsWith(byteOrderMark))
        {
            utf8 = utf8[byteOrderMark.Length..];
        }

        if (utf8.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            throw Unusable($"{source} is empty; a service account key was expected.");
        }

        if (utf8.Span.TrimStart(" \t\r\n"u8).StartsWith("-----BEGIN"u8))
        {
            throw Unusable(
                $"{source} is a PEM file; the JSON file that the private key came in is needed, since it also says whose key it is.");
        }

        try
        {
            return JsonDocument.Parse(utf8);
        }
        catch (JsonException e)
        {
            // Neither the parser's message nor the exception goes on: both can quote what they stumbled over.
            throw Unusable(
                $"{source} is not JSON (line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}); "
                + "a service account key was expected.");
        }
    }

    private static void RequireType(JsonElement file, string source)
    {
        var type = Text(file, "type", source);
        if (type is ExpectedType)
        {
            return;
        }

        var what = type switch
        {
            "authorized_user" => "a person's login, as gcloud auth application-default login writes it",
            "external_account" => "a workload identity federation configuration",
            "external_account_authorized_user" => "a person's workforce identity login",
            "impersonated_service_account" => "a configuration for impersonating a service account",
            "gdch_service_account" => "a service account of Google Distributed Cloud",
            null when file.TryGetProperty("installed", out _) || file.TryGetProperty("web", out _) =>
                "an OAuth client of an application",
            null => "an object without \"type\"",
            _ => "of a type that is not known here",
        };
        throw Unusable($"{source} is {what}, not a service account key (\"type\": \"{ExpectedType}\"); {HowToMake}.");
    }

    private static Uri TokenUri(JsonElement file, string source)
    {
        var text = Text(file, "token_uri", source);
        if (text is null or "")
        {
            return new(Google.Apis.Auth.OAuth2.GoogleAuthConsts.OidcTokenUrl);
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"
            ? uri
            : throw Unusable(
                $"\"token_uri\" of {source} is not a web address; it should be https://oauth2.googleapis.com/token.");
    }

    private static string? Text(JsonElement file, string name, string source)
    {
        if (!file.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : throw Unusable($"\"{name}\" of {source} is a JSON {Kind(value.ValueKind)} where a string belongs.");
    }

    private static string Quoted(string name) => $"\"{name}\"";

    private static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static TokenSourceException Unusable(string message) => new(TokenSourceFault.Unusable, message);
}
