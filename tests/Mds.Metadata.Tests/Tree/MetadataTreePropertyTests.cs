using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Mds.Metadata.Tests.Tree;

/// <summary>What holds for every document.</summary>
public sealed class MetadataTreePropertyTests
{
    private const string V1 = "/computeMetadata/v1";

    [Fact]
    public void Build_AnyDocument_RecursiveJsonParsesBackToTheSameValues() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Documents(), json =>
        {
            var served = Parse(Tree(json).Find(V1 + "/partner-attributes-x/"));
            return JsonNode.DeepEquals(JsonNode.Parse(json), served);
        }));

    [Fact]
    public void Build_AnyDocument_EachPathServesItsOwnPart() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Documents(), json =>
        {
            const string Root = V1 + "/partner-attributes-x";
            var tree = Tree(json);
            return tree.Paths.Where(path => path == Root || path.StartsWith(Root + "/", StringComparison.Ordinal)).All(path =>
            {
                var expected = path[Root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(
                    JsonNode.Parse(json),
                    (node, segment) => node is JsonArray array
                        ? array[int.Parse(segment, CultureInfo.InvariantCulture)]
                        : node![segment]);
                return JsonNode.DeepEquals(expected, Parse(tree.Find(path)));
            });
        }));

    [Fact]
    public void Build_AnyDocument_EveryListedEntryIsFound() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Documents(), json =>
        {
            var tree = Tree(json);
            return tree.Paths.Where(path => path.StartsWith(V1, StringComparison.Ordinal) && tree.Find(path) is { IsDirectory: true, Refusal: null }).All(path =>
                Body(tree.Find(path)!.Render()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .All(entry => tree.Find($"{path}/{entry}") is { } found && found.IsDirectory == entry.EndsWith('/')));
        }));

    [Fact]
    public void ETag_AnyLeaf_IsTheSameForJsonAndText() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Documents(), json =>
        {
            var tree = Tree(json);
            return tree.Paths.Select(path => tree.Find(path)!).Where(node => node is { Kind: MetadataNodeKind.Leaf, Refusal: null }).All(node =>
                node.Render(alt: MetadataAlt.Json)!.Value.ETag == node.Render(alt: MetadataAlt.Text)!.Value.ETag);
        }));

    [Fact]
    public void ETag_AnyDirectory_DiffersBetweenListingAndRecursion() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Documents(), json =>
        {
            var tree = Tree(json);
            return tree.Paths.Where(path => path.StartsWith(V1, StringComparison.Ordinal))
                .Select(path => tree.Find(path)!).Where(node => node is { IsDirectory: true, Refusal: null }).All(node =>
                    node.Render()!.Value.ETag != node.Render(recursive: true)!.Value.ETag
                    && node.Render(recursive: true)!.Value.ETag == node.Render(recursive: true, MetadataAlt.Text)!.Value.ETag);
        }));

    [Fact]
    public void ETag_TwoDocuments_IsTheSameExactlyWhenTheContentIs() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Documents(), Documents(), (first, second) =>
        {
            var (a, b, again) = (Recursive(first), Recursive(second), Recursive(first));
            return a.ETag == again.ETag && (a.ETag == b.ETag) == (Body(a) == Body(b));
        }));

    [Fact]
    public void ToUtf8_AnyDocument_ParsesBackToTheSameTree() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Documents(), json =>
        {
            var claims = Claims.Parse(
                Encoding.UTF8.GetBytes($$$"""
                    {"any": {{{json}}}, "oslogin": {"users": [{"name": "1", "any": {{{json}}} }]},
                     "instance": {"creation-timestamp": "7", "x": {{{json}}}, "service-accounts": {"a@b": {}, "default": {} } } }
                    """), "claims.json");
            var again = Claims.Parse(claims.ToUtf8(), "again");
            return claims.ToUtf8().AsSpan().SequenceEqual(again.ToUtf8())
                && Body(MetadataTree.Build(claims).Find(V1 + "/")!.Render(recursive: true)) == Body(MetadataTree.Build(again).Find(V1 + "/")!.Render(recursive: true))
                && again.FindText("instance", "creationTimestamp") == "7";
        }));

    [Fact]
    public void Parse_AnyText_ReadsItOrSaysWhereItIsWrong() =>
        Check.QuickThrowOnFailure(Prop.ForAll(Garbage(), text =>
        {
            try
            {
                Claims.Parse(Encoding.UTF8.GetBytes(text), "claims.json");
                return true;
            }
            catch (ClaimsException exception)
            {
                return exception.Errors.Count > 0
                    && exception.Errors.All(e => e.Line >= 1 && e.Column >= 1 && e.JsonPath.StartsWith('$') && e.Message.EndsWith('.'));
            }
        }));

    private static MetadataTree Tree(string json) => MetadataTreeTests.Build($$"""{"partner-attributes-x": {{json}}}""");

    private static MetadataRendering Recursive(string json) =>
        Tree(json).Find(V1 + "/partner-attributes-x/")!.Render(recursive: true)!.Value;

    private static JsonNode? Parse(MetadataNode? node) =>
        JsonNode.Parse(Body(node!.Render(recursive: true, MetadataAlt.Json)));

    private static string Body(MetadataRendering? rendering) => MetadataTreeTests.Text(rendering);

    /// <summary>JSON objects of all kinds of values, whose keys are served as they are.</summary>
    private static Arbitrary<string> Documents() => Gen.Sized(size => Object(Math.Min(size, 40))).ToArbitrary();

    private static Gen<string> Value(int size) => size <= 1
        ? Scalar()
        : Gen.OneOf(Scalar(), Object(size / 2), Values(size / 2).Select(items => $"[{string.Join(", ", items)}]"));

    private static Gen<string[]> Values(int size) =>
        Gen.Choose(0, 4).SelectMany(count => Gen.ArrayOf(Value(size / 2), count));

    private static Gen<string> Object(int size) =>
        from values in Values(size)
        from names in Gen.ArrayOf(Name(), values.Length)
        select "{" + string.Join(", ", names.Zip(values).DistinctBy(pair => pair.First).Select(pair => $"{Quoted(pair.First)}: {pair.Second}")) + "}";

    private static Gen<string> Name() =>
        Text().Select(text => "k" + string.Concat(text.Where(c => c != '/' && !char.IsControl(c))).ToLowerInvariant());

    private static Gen<string> Scalar() => Gen.OneOf(
        Gen.Elements("true", "false", "null", "0", "-1", "1.5e-7", "18446744073709551615", "99999999999999999999999999"),
        Text().Select(Quoted));

    private static Gen<string> Text() => Gen.Choose(0, 6).SelectMany(length => Gen.ArrayOf(
            Gen.Elements("a", "b", "Z", "0", "-", "_", ".", " ", "/", "\"", "\\", "\n", "\u0001", "<", "'", "é", "漢", "😀"), length))
        .Select(string.Concat);

    private static string Quoted(string text) => JsonValue.Create(text)!.ToJsonString();

    /// <summary>Pieces of JSON in any order, a good part of which almost is a claims document.</summary>
    private static Arbitrary<string> Garbage() => Gen.Choose(0, 12).SelectMany(count => Gen.ArrayOf(
            Gen.Elements("{", "}", "[", "]", ",", ":", "\"instance\":", "\"id\":", "\"project_id\":", "\"computeMetadata\":", "1", "-",
                "\"x\"", "null", "\n", "\"\\ud800\"", "{\"instance\":{\"tags\":", "{\"v1\":", "}}"), count))
        .Select(string.Concat).ToArbitrary();
}
