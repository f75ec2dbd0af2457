using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mds.Metadata;

/// <summary>
/// Users, groups and permissions of OS Login, as guest-oslogin asks for them: one by a name or number, or all by pages.
/// The claims hold users as the profiles that are answered, groups with their members, and who may do what by policy.
/// </summary>
/// <param name="oslogin">The object <c>oslogin</c> of the claims.</param>
internal sealed class OsLoginDirectory(ClaimValue oslogin)
{
    /// <summary>The keys of the claims that are asked for here, and neither listed nor part of recursion.</summary>
    public static readonly ImmutableArray<string> Keys = ["authorize", "groups", "users"];

    private const int DefaultPageSize = 1000;

    private readonly ImmutableArray<ClaimValue> _users = Items(oslogin, "users");
    private readonly ImmutableArray<ClaimValue> _groups = Items(oslogin, "groups");

    /// <summary>What answers one of <see cref="Keys"/>.</summary>
    public MetadataQuery this[string key] => key switch
    {
        "users" => Users,
        "groups" => Groups,
        _ => Authorize,
    };

    private byte[]? Users(Func<string, string> parameter)
    {
        if (parameter("groupname") is { Length: > 0 } groupName)
        {
            return _groups.FirstOrDefault(group => Text(group, "name") == groupName) is { } group
                ? Page("usernames", Items(group, "members"), parameter)
                : null;
        }

        return parameter("username") is { Length: > 0 } name ? One("loginProfiles", _users, user => HasAccount(user, "username", name))
            : parameter("uid") is { Length: > 0 } uid ? One("loginProfiles", _users, user => HasAccount(user, "uid", uid))
            : Page("loginProfiles", _users, parameter);
    }

    private byte[]? Groups(Func<string, string> parameter)
    {
        if (parameter("email") is { Length: > 0 } email)
        {
            var names = _users.Where(user => Text(user, "name") == email)
                .SelectMany(user => Items(user, "posixAccounts")).Select(account => Text(account, "username")).ToHashSet(StringComparer.Ordinal);
            return Page("posixGroups", Answers(_groups.Where(group => Items(group, "members").Any(member => names.Contains(member.Text)))), parameter);
        }

        return parameter("groupname") is { Length: > 0 } name ? One("posixGroups", Answers(_groups), group => Text(group, "name") == name)
            : parameter("gid") is { Length: > 0 } gid ? One("posixGroups", Answers(_groups), group => Text(group, "gid") == gid)
            : Page("posixGroups", Answers(_groups), parameter);
    }

    private byte[]? Authorize(Func<string, string> parameter)
    {
        var permitted = oslogin.Find("authorize") is { } policies && parameter("email") is { Length: > 0 } email
            && Items(policies, parameter("policy")).Any(item => item.Text == email);
        return Json(writer => writer.WriteBoolean("success", permitted));
    }

    // Of a group, its members are answered elsewhere.
    private static ImmutableArray<ClaimValue> Answers(IEnumerable<ClaimValue> groups) =>
        [.. groups.Select(group => group.Without("members"))];

    private static byte[]? One(string name, ImmutableArray<ClaimValue> all, Func<ClaimValue, bool> isWanted) =>
        all.FirstOrDefault(isWanted) is { } found ? Json(writer => Write(writer, name, [found])) : null;

    /// <summary>Some of all, with the token of the next page: <c>"0"</c> on the last (guest-oslogin).</summary>
    private static byte[] Page(string name, ImmutableArray<ClaimValue> all, Func<string, string> parameter)
    {
        var start = Math.Min(Number(parameter("pagetoken")) ?? 0, all.Length);
        var size = Number(parameter("pagesize")) is { } given and > 0 ? given : DefaultPageSize;
        var end = (int)Math.Min((long)start + size, all.Length);
        return Json(writer =>
        {
            Write(writer, name, all[start..end]);
            writer.WriteString("nextPageToken", end == all.Length ? "0" : end.ToString(CultureInfo.InvariantCulture));
        });
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<ClaimValue> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            value.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

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

    private static bool HasAccount(ClaimValue user, string key, string value) =>
        Items(user, "posixAccounts").Any(account => Text(account, key) == value);

    private static ImmutableArray<ClaimValue> Items(ClaimValue value, string key) => value.Find(key)?.Items ?? [];

    private static string? Text(ClaimValue value, string key) => value.Find(key)?.Text;
}
