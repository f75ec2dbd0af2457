using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mds.Metadata;

/// <summary>
/// The second factors of OS Login, as guest-oslogin goes through them: a session is started for an e-mail, one of its
/// challenges is answered. The claims say, under <c>oslogin.challenges</c>, who has which, and the right answer to each.
/// </summary>
/// <remarks>
/// Nothing is kept between the two requests: a session's id is made of the e-mail, so that every replica of a server knows
/// it. Shapes: guest-oslogin's oslogin_utils.cc and its tests; its PAM module lets in whom it is told
/// <c>AUTHENTICATED</c>, and asks no second factor of those with <c>NO_AVAILABLE_CHALLENGES</c>.
/// </remarks>
public sealed class OsLoginSessions
{
    /// <summary>What metrics call these paths.</summary>
    public const string Template = Directory + "{session}/continue";

    /// <summary>Where the challenges stand in the object <c>oslogin</c> of the claims.</summary>
    internal const string Key = "challenges";

    private const string Directory = "/computeMetadata/v1/oslogin/authenticate/sessions/";
    private const string Start = Directory + "start";
    private const string Continue = "/continue";

    private readonly ClaimValue? _challenges;

    internal OsLoginSessions(ClaimValue oslogin) => _challenges = oslogin.Find(Key);

    /// <summary>Whether a path is one of those that are asked by POST.</summary>
    /// <param name="path">The path of a request, decoded.</param>
    public static bool Covers(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path == Start || SessionOf(path) is { Length: > 0 };
    }

    /// <summary>Answers a request.</summary>
    /// <param name="path">Its path, decoded.</param>
    /// <param name="question">Its body.</param>
    /// <returns>JSON; <see langword="null"/> when there is no such session or challenge.</returns>
    public byte[]? Answer(string path, JsonElement question)
    {
        ArgumentNullException.ThrowIfNull(path);
        var email = Text(question, "email");
        var challenges = _challenges?.Find(email)?.Items ?? [];
        return path == Start ? Begin(email, challenges, question)
            : SessionOf(path) == IdOf(email) ? Go(email, challenges, question)
            : null;
    }

    private static byte[] Begin(string email, ImmutableArray<ClaimValue> challenges, JsonElement question)
    {
        var supported = question.TryGetProperty("supportedChallengeTypes", out var types) && types.ValueKind == JsonValueKind.Array
            ? types.EnumerateArray().Select(type => type.ToString()).ToHashSet(StringComparer.Ordinal)
            : null;
        var offered = Enumerable.Range(0, challenges.Length)
            .Where(index => supported is null || supported.Contains(TypeOf(challenges[index]))).ToList();
        return offered.Count == 0 ? Status("NO_AVAILABLE_CHALLENGES") : Required(email, challenges, offered);
    }

    private static byte[]? Go(string email, ImmutableArray<ClaimValue> challenges, JsonElement question)
    {
        var index = question.TryGetProperty("challengeId", out var id) && id.TryGetInt32(out var number) ? number - 1 : -1;
        if (index < 0 || index >= challenges.Length)
        {
            return null;
        }

        // Another than the one proposed first is begun before it is answered.
        return Text(question, "action") != "START_ALTERNATE" && IsRight(challenges[index], question)
            ? Status("AUTHENTICATED")
            : Required(email, challenges, [index]);
    }

    // A prompt on a telephone, which has no answer to type, is taken for confirmed.
    private static bool IsRight(ClaimValue challenge, JsonElement question) =>
        challenge.Find("credential")?.Text is not { } credential
        || (question.TryGetProperty("proposalResponse", out var response) && response.ValueKind == JsonValueKind.Object
            && Text(response, "credential") == credential);

    private static byte[] Required(string email, ImmutableArray<ClaimValue> challenges, IEnumerable<int> offered) => Json(writer =>
    {
        writer.WriteString("status", "CHALLENGE_REQUIRED");
        writer.WriteString("sessionId", IdOf(email));
        writer.WriteStartArray(Key);
        foreach (var index in offered)
        {
            writer.WriteStartObject();
            writer.WriteNumber("challengeId", index + 1);
            writer.WriteString("challengeType", TypeOf(challenges[index]));
            writer.WriteString("status", "READY");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static byte[] Status(string status) => Json(writer => writer.WriteString("status", status));

    private static string TypeOf(ClaimValue challenge) => challenge.Find("challengeType")?.Text ?? "";

    private static string Text(JsonElement question, string key) =>
        question.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string? SessionOf(string path) =>
        path.StartsWith(Directory, StringComparison.Ordinal) && path.EndsWith(Continue, StringComparison.Ordinal)
        && path.Length > Directory.Length + Continue.Length
            ? path[Directory.Length..^Continue.Length]
            : null;

    private static string IdOf(string email) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(email)))[..32];

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var json = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
        writer.Flush();
        return json.WrittenSpan.ToArray();
    }
}
