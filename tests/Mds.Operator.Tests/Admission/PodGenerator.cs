using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Mds.Operator.Admission;
using Mds.Operator.Api;

namespace Mds.Operator.Tests.Admission;

/// <summary>Pods as odd as the API server lets them be, with fields nobody has heard of anywhere.</summary>
internal static class PodGenerator
{
    private static readonly string[] Variables =
        [.. MetadataVariables.For("").Select(v => v.Key), "HTTP_PROXY", "NO_PROXY", "GOOGLE_APPLICATION_CREDENTIALS", "OTHER"];

    public static Gen<Emulator> Emulator { get; } =
        from ip in Gen.Elements("10.96.12.7", "fd00:10:96::c07")
        from env in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
        from hosts in Gen.Elements(true, false)
        select EmulatorReader.Read(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = "team-a" },
            ["spec"] = new JsonObject { ["injection"] = new JsonObject { ["env"] = env, ["hostAliases"] = hosts } },
            ["status"] = new JsonObject
            {
                ["endpoint"] = new JsonObject { ["host"] = $"{ip}:80", ["ip"] = ip, ["port"] = 80 },
            },
        });

    public static Gen<JsonObject> Pod { get; } =
        from metadata in Object(("annotations", Maybe(Annotations)), ("generateName", Maybe(Text)))
        from spec in Object(
            ("initContainers", Maybe(List(Container))), ("containers", List(Container)), ("hostAliases", Maybe(List(HostAlias))))
        from pod in Object(("metadata", Gen.Constant<JsonNode?>(metadata)), ("spec", Gen.Constant<JsonNode?>(spec)))
        select pod;

    private static Gen<JsonNode?> Text => Gen.Elements("a", "b", "10.96.12.7", "10.96.12.7:80", "", "ü \"quoted\" ~/").Select(t => (JsonNode?)t);

    // A JsonNode has one parent, so each is made where it is used.
    private static Gen<JsonNode?> Anything => Gen.Elements(
        "null", "true", "12345678901234567890", "1.0", "\"text\"", "[]", "{}", """{"a":[{"b":null}]}""", """[1,[2,{"c":"d"}]]""")
        .Select(json => JsonNode.Parse(json));

    private static Gen<JsonNode?> Variable => Node(Object(
        ("name", Gen.Elements(Variables).Select(v => (JsonNode?)v)), ("value", Maybe(Text)), ("valueFrom", Maybe(Anything))));

    private static Gen<JsonNode?> Container => Node(Object(
        ("name", Gen.Elements("app", "proxy", "setup").Select(n => (JsonNode?)n)), ("env", Maybe(List(Variable)))));

    private static Gen<JsonNode?> HostAlias => Node(Object(
        ("ip", Text),
        ("hostnames", Maybe(List(Gen.Elements("metadata.google.internal", "metadata", "other").Select(h => (JsonNode?)h))))));

    private static Gen<JsonNode?> Annotations => Node(Object(
        (WellKnown.SkipContainersAnnotation, Maybe(Gen.Elements("proxy", "proxy,setup", "none").Select(a => (JsonNode?)a))),
        (WellKnown.StatusAnnotation, Maybe(Gen.Elements("{}", "of another tool").Select(a => (JsonNode?)a)))));

    /// <summary>An object of the given members and up to two that no API has.</summary>
    private static Gen<JsonObject> Object(params (string Name, Gen<JsonNode?> Value)[] members)
    {
        var known = members.Aggregate(
            Gen.Constant(new List<KeyValuePair<string, JsonNode?>>()).Select(_ => new List<KeyValuePair<string, JsonNode?>>()),
            (all, member) => from list in all
                             from value in member.Value
                             select value is JsonValue { } absent && absent.ToString() == Absent
                                 ? list
                                 : [.. list, new(member.Name, value)]);
        return from list in known
               from unknown in Gen.Elements(0, 0, 1, 2)
               from values in Gen.ListOf(Anything, unknown)
               select new JsonObject([.. list, .. values.Select((v, i) => new KeyValuePair<string, JsonNode?>($"unknown{i}", v))]);
    }

    private const string Absent = "\0absent";

    private static Gen<JsonNode?> Maybe(Gen<JsonNode?> value) =>
        Gen.Frequency((3, value), (1, Gen.Fresh(() => (JsonNode?)null)), (2, Gen.Fresh(() => (JsonNode?)Absent)));

    private static Gen<JsonNode?> List(Gen<JsonNode?> item) =>
        from count in Gen.Choose(0, 3)
        from items in Gen.ListOf(item, count)
        select (JsonNode?)new JsonArray([.. items]);

    private static Gen<JsonNode?> Node(Gen<JsonObject> value) => value.Select(v => (JsonNode?)v);
}
