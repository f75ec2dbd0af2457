using System.Diagnostics;
using System.Text.Json.Nodes;
using Mds.Operator.Api;
using Mds.Operator.Credentials;

namespace Mds.Operator.Tests.Api;

/// <summary>
/// The rules of the definition in the Common Expression Language, evaluated: what they refuse, and with which sentence. What
/// API servers without them refuse instead is in SchemaTests.
/// </summary>
public sealed class DefinitionRulesTests
{
    private const string Provider = "projects/1/locations/global/workloadIdentityPools/p/providers/k";
    private const string Secret = """{"secretKeyRef": {"name": "a", "key": "b"}}""";

    private static readonly (string Spec, string? Sentence)[] Cases =
    [
        ("{}", null),
        ("""{"claims": {}, "claimsFrom": {"upstream": {"address": "a"}}}""", null),
        ("""{"claimsFrom": {"configMapKeyRef": {"name": "a", "key": "b"}, "upstream": {"address": "a"}}}""", null),
        ("""{"claims": {}, "claimsFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}""", MetadataEmulatorSchema.ClaimsSentence),
        ("""{"claimsFrom": {}}""", MetadataEmulatorSchema.ClaimsFromSentence),
        Credential("\"local\": {}", null),
        Credential("\"upstream\": {\"address\": \"a\"}", null),
        Credential("\"local\": {}, \"upstream\": {\"address\": \"a\"}", MetadataEmulatorSchema.OneCredentialSentence),
        Credential("\"nothing\": {}", MetadataEmulatorSchema.OneCredentialSentence),
        Credential($"\"static\": {{\"accessToken\": {Secret}}}", null),
        Credential("\"static\": {}", StaticCredential.OneTokenSentence),
        Credential($"\"workloadIdentity\": {{\"provider\": \"{Provider}\", \"audience\": \"a\", \"impersonate\": \"a@b\"}}", null),
        Credential($"\"workloadIdentity\": {{\"credentialConfig\": {Secret}}}", null),
        Credential("\"workloadIdentity\": {}", WorkloadIdentityCredential.SourceSentence),
        Credential($"\"workloadIdentity\": {{\"provider\": \"{Provider}\", \"credentialConfig\": {Secret}}}", WorkloadIdentityCredential.SourceSentence),
        Credential($"\"workloadIdentity\": {{\"credentialConfig\": {Secret}, \"impersonate\": \"a@b\"}}", WorkloadIdentityCredential.SourceSentence),
        Credential("\"tpm\": {\"address\": \"a:1\", \"persistentHandle\": \"0x81010002\"}", null),
        Credential("\"tpm\": {\"device\": \"/dev/tpm0\", \"resource\": \"a/b\", \"group\": 1, \"keySecretRef\": {}}", null),
        Credential("\"tpm\": {\"persistentHandle\": \"0x81010002\"}", TpmCredential.PlaceSentence),
        Credential("\"tpm\": {\"address\": \"a:1\", \"device\": \"/dev/tpm0\", \"persistentHandle\": \"0x81010002\"}", TpmCredential.PlaceSentence),
        Credential("\"tpm\": {\"address\": \"a:1\", \"group\": 1, \"persistentHandle\": \"0x81010002\"}", TpmCredential.PlaceSentence),
        Credential("\"tpm\": {\"address\": \"a:1\"}", TpmCredential.KeySentence),
        Credential("\"tpm\": {\"resource\": \"a/b\", \"persistentHandle\": \"0x81010002\", \"keySecretRef\": {}}", TpmCredential.KeySentence),
    ];

    [Fact]
    public async Task Rules_OfEachSpecification_RefuseWithTheirSentence()
    {
        var schema = MetadataEmulatorSchema.Build(cel: true)["properties"]!["spec"]!.AsObject();
        var asked = new List<(int Case, string Sentence)>();
        var questions = new JsonArray();
        for (var i = 0; i < Cases.Length; i++)
        {
            foreach (var (rule, self) in Rules(schema, JsonNode.Parse(Cases[i].Spec)!))
            {
                asked.Add((i, (string)rule["message"]!));
                questions.Add(new JsonObject { ["rule"] = (string)rule["rule"]!, ["self"] = self.DeepClone() });
            }
        }

        var answers = await EvaluateAsync(questions);

        Assert.Equal(asked.Count, answers.Count);
        var refusals = asked.Zip(answers).Where(pair => pair.Second!.ToJsonString() != "true")
            .ToLookup(pair => pair.First.Case, pair => pair.Second!.ToJsonString() == "false" ? pair.First.Sentence : (string)pair.Second!);
        Assert.All(Enumerable.Range(0, Cases.Length), i =>
            Assert.Equal((Cases[i].Spec, Cases[i].Sentence), (Cases[i].Spec, refusals[i].SingleOrDefault())));
    }

    /// <summary>Every rule that applies to a value, or to something in it. Rules of changes (oldSelf) are left out.</summary>
    private static IEnumerable<(JsonNode Rule, JsonNode Self)> Rules(JsonObject schema, JsonNode value)
    {
        foreach (var rule in schema["x-kubernetes-validations"] as JsonArray ?? [])
        {
            if (!((string)rule!["rule"]!).Contains("oldSelf", StringComparison.Ordinal))
            {
                yield return (rule, value);
            }
        }

        var parts = value switch
        {
            JsonObject fields => fields.Where(field => schema["properties"]?[field.Key] is JsonObject)
                .Select(field => (schema["properties"]![field.Key]!.AsObject(), field.Value!)),
            JsonArray items => items.Select(item => (schema["items"]!.AsObject(), item!)),
            _ => [],
        };
        foreach (var found in parts.SelectMany(part => Rules(part.Item1, part.Item2)))
        {
            yield return found;
        }
    }

    private static (string, string?) Credential(string fields, string? sentence) =>
        ($$"""{"credentials": [{"account": "default", {{fields}} }]}""", sentence);

    private static async Task<JsonArray> EvaluateAsync(JsonArray questions)
    {
        var start = new ProcessStartInfo(Repository.PathOf("tests/tools/cel"))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(questions.ToJsonString());
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return JsonNode.Parse(await output)!.AsArray();
    }
}
