using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Mds.Metadata.Tests.Document;

public sealed class ClaimsPatchTests
{
    private static readonly Gen<string> Names = Gen.Elements("a", "b", "c");

    // Objects, values and null over few names, so that patches meet each other.
    private static readonly Gen<JsonObject> Objects = Gen.Sized(size => Object(Math.Min(size, 3)));

    [Fact]
    public void Apply_AnyPatch_IsTheMergePatchOfTheRfc() => Check.QuickThrowOnFailure(Prop.ForAll(
        Arb.From(Objects.Two()),
        pair => Inner(Patch(pair.Item2).Apply(Document(pair.Item1)))
            == Sorted(Merged(WithoutNulls(pair.Item1), pair.Item2)).ToJsonString()));

    [Fact]
    public void Then_AnyTwoPatches_IsOneAfterTheOther() => Check.QuickThrowOnFailure(Prop.ForAll(
        Arb.From(Objects.Three()),
        three => Inner(Patch(three.Item2).Then(Patch(three.Item3)).Apply(Document(three.Item1)))
            == Inner(Patch(three.Item3).Apply(Patch(three.Item2).Apply(Document(three.Item1))))));

    [Theory]
    [InlineData("""{"project": {"projectId": "new"}}""")]
    [InlineData("""{"project": {"project-id": "new"}}""")]
    [InlineData("""{"computeMetadata": {"v1": {"project": {"projectId": "new"}}}}""")]
    [InlineData("\ufeff{\"project\": {\"projectId\": \"new\"}}")]
    public void Apply_AnySpelling_SetsTheKey(string patch)
    {
        var claims = Patched("""{"project": {"projectId": "old", "numericProjectId": 7}}""", patch);

        Assert.Equal(("new", "7"), (claims.ProjectId, claims.NumericProjectId));
    }

    [Fact]
    public void Apply_NullForAKeyWithADefault_BringsTheDefaultBack() => Assert.Equal(
        "NONE", Text(Patched("""{"instance": {"maintenanceEvent": "X"}}""", """{"instance": {"maintenanceEvent": null}}"""), "maintenance-event"));

    [Fact]
    public void Apply_BigNumber_KeepsEveryDigit() => Assert.Equal(
        "18446744073709551615", Text(Patched("{}", """{"instance": {"id": 18446744073709551615}}"""), "id"));

    [Theory]
    [InlineData("default")]
    [InlineData("old@p.test")]
    public void Apply_TheDefaultAccountByEitherName_ChangesBothPlaces(string name)
    {
        var claims = Patched(
            """{"instance": {"serviceAccounts": {"default": {"email": "old@p.test", "scopes": ["s"]}}}}""",
            $$"""{"instance": {"serviceAccounts": {"{{name}}": {"scopes": ["t"]} } } }""");

        Assert.Equal("default/\nold@p.test/\n", Text(claims, "service-accounts/"));
        Assert.Equal(("t\n", "t\n"), (Text(claims, "service-accounts/default/scopes"), Text(claims, "service-accounts/old@p.test/scopes")));
    }

    [Fact]
    public void Apply_OtherEmail_LeavesNoTraceOfTheOldOne()
    {
        var claims = Patched(
            """{"instance": {"serviceAccounts": {"default": {"email": "old@p.test"}}}}""",
            """{"instance": {"serviceAccounts": {"default": {"email": "new@p.test"}}}}""");

        Assert.Equal("default/\nnew@p.test/\n", Text(claims, "service-accounts/"));
    }

    [Fact]
    public void Apply_NullForTheDefaultAccount_LeavesNone() => Assert.Equal("", Text(
        Patched(
            """{"instance": {"serviceAccounts": {"default": {"email": "old@p.test"}}}}""",
            """{"instance": {"serviceAccounts": {"default": null}}}"""),
        "service-accounts/"));

    [Fact]
    public void Apply_Replace_LeavesNothingOfTheOthers()
    {
        var claims = ClaimsPatch.Replace(Claims("""{"project": {"projectId": "b"}}"""))
            .Apply(Claims("""{"project": {"projectId": "a", "numericProjectId": 1}}"""));

        Assert.Equal(("b", null), (claims.ProjectId, claims.NumericProjectId));
    }

    [Fact]
    public void Apply_LeafThatIsADocument_HasTheSameTextInEveryProcess() => Assert.Equal(
        """{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8}""",
        Text(Patched("{}", """{"instance": {"upcomingMaintenance": {"g":7,"b":2,"e":5,"a":1,"h":8,"c":3,"f":6,"d":4}}}"""), "upcoming-maintenance"));

    [Fact]
    public void Apply_WhatDoesNotFit_NamesEveryPlace()
    {
        var exception = Assert.Throws<ClaimsException>(() => Patched("{}", """{"instance": {"tags": "a", "attributes": {"b": 1}}}"""));

        Assert.Equal(["$.instance.attributes.b", "$.instance.tags"], exception.Errors.Select(error => error.JsonPath).Order());
    }

    [Theory]
    [InlineData("[]", "A patch is a JSON object that holds the keys to be changed.")]
    [InlineData("null", "A patch is a JSON object that holds the keys to be changed.")]
    [InlineData("", "The document is empty. A JSON object is expected.")]
    public void Parse_NoObject_IsAnError(string patch, string message) => Assert.Equal(
        message, Assert.Single(Assert.Throws<ClaimsException>(() => Parse(patch)).Errors).Message);

    [Fact]
    public void Apply_AHundredThousandAttributes_SetsAndRemovesEachOfThem()
    {
        const int Count = 100_000;
        string Attributes(string value) => $$"""
            {"instance": {"attributes": { {{string.Join(", ", Enumerable.Range(0, Count).Select(i => $"\"a{i}\": {value}"))}} } } }
            """;

        var set = Parse(Attributes("\"new\"")).Apply(Patched("{}", Attributes("\"old\"")));
        Assert.Equal((Count, "new"), (Text(set, "attributes/").Count(c => c == '\n'), Text(set, $"attributes/a{Count - 1}")));
        Assert.Equal("", Text(Parse(Attributes("null")).Apply(set), "attributes/"));
    }

    private static Claims Patched(string claims, string patch) => Parse(patch).Apply(Claims(claims));

    private static ClaimsPatch Parse(string patch) => ClaimsPatch.Parse(Encoding.UTF8.GetBytes(patch), "patch");

    private static Claims Claims(string json) => Metadata.Claims.Parse(Encoding.UTF8.GetBytes(json), "claims.json");

    private static string Text(Claims claims, string path) =>
        Encoding.UTF8.GetString(MetadataTree.Build(claims).Find("/computeMetadata/v1/instance/" + path)!.Render()!.Value.Body.Span);

    // Where no key is known, so that everything is served as it is.
    private static Claims Document(JsonObject inner) =>
        Claims($$"""{"instance": {"partnerAttributes": {"x": {{WithoutNulls(inner).ToJsonString()}} } } }""");

    private static ClaimsPatch Patch(JsonObject inner) =>
        Parse($$"""{"instance": {"partnerAttributes": {"x": {{inner.ToJsonString()}} } } }""");

    private static string Inner(Claims claims) => Encoding.UTF8.GetString(MetadataTree.Build(claims)
        .Find("/computeMetadata/v1/instance/partner-attributes/x/")!.Render(recursive: true)!.Value.Body.Span);

    /// <summary>The algorithm of RFC 7396, section 2, word for word.</summary>
    private static JsonNode? Merged(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject members)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject existing ? (JsonObject)existing.DeepClone() : [];
        foreach (var (name, value) in members)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merged(result[name], value);
            }
        }

        return result;
    }

    private static JsonObject WithoutNulls(JsonObject value) => (JsonObject)Merged(new JsonObject(), value)!;

    private static JsonNode Sorted(JsonNode? value) => value is JsonObject members
        ? new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, (JsonNode?)Sorted(member.Value))))
        : value!.DeepClone();

    private static Gen<JsonObject> Object(int depth) =>
        from members in Gen.Zip(Names, Value(depth)).ListOf()
        select new JsonObject(members.DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, member.Item2?.DeepClone())));

    private static Gen<JsonNode?> Value(int depth)
    {
        var scalar = Gen.Elements(0, 1, 2).Select(n => n == 0 ? null : (JsonNode?)JsonValue.Create(n));
        return depth == 0 ? scalar : Gen.OneOf(scalar, Object(depth - 1).Select(value => (JsonNode?)value));
    }
}
