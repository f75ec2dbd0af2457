using System.Text.Json.Nodes;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Emulators;

public sealed class JsonSubsetTests
{
    [Theory]
    [InlineData("""{"a": 1, "b": 2}""", """{"a": 1}""", true)]
    [InlineData("""{"a": 1}""", """{"a": 1, "b": 2}""", false)]
    [InlineData("""{"a": {"b": 1, "c": 2}}""", """{"a": {"c": 2}}""", true)]
    [InlineData("""{"a": [{"b": 1, "defaulted": true}]}""", """{"a": [{"b": 1}]}""", true)]
    [InlineData("""{"a": [1, 2]}""", """{"a": [1]}""", false)]
    [InlineData("""{"a": [2, 1]}""", """{"a": [1, 2]}""", false)]
    [InlineData("""{}""", """{"a": []}""", true)]
    [InlineData("""{"a": [1]}""", """{"a": []}""", false)]
    [InlineData("""{"a": "1"}""", """{"a": 1}""", false)]
    [InlineData("""{"a": false}""", """{"a": true}""", false)]
    public void Contains_Pair_IsAsExpected(string whole, string part, bool expected) =>
        Assert.Equal(expected, JsonSubset.Contains(JsonNode.Parse(whole), JsonNode.Parse(part)));
}
