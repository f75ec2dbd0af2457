using System.Text;

namespace Mds.Metadata.Tests.Tree;

public sealed class MetadataTreeTests
{
    private const string V1 = "/computeMetadata/v1/";

    [Theory]
    [InlineData("/", "0.1/\ncomputeMetadata/\n")]
    [InlineData("/computeMetadata/", "v1/\nv1beta1/\n")]
    [InlineData(V1, "instance/\noslogin/\nproject/\nuniverse/\n")]
    [InlineData(V1 + "project/project-id", "p1")]
    [InlineData(V1 + "project//project-id", "p1")]
    [InlineData(V1 + "instance/service-accounts/", "a@p1.iam.gserviceaccount.com/\ndefault/\n")]
    [InlineData(V1 + "instance/service-accounts/default/", "aliases\nemail\nidentity\nscopes\ntoken\n")]
    [InlineData(V1 + "instance/service-accounts/a@p1.iam.gserviceaccount.com/aliases", "default\n")]
    [InlineData(V1 + "instance/tags", "[]")]
    [InlineData(V1 + "instance/description", "")]
    [InlineData(V1 + "universe/universe-domain", "googleapis.com")]
    [InlineData(V1 + "universe/universe_domain", "googleapis.com")]
    public void Find_ShortDocument_AnswersWhatARealServerAlwaysHas(string path, string expected)
    {
        var tree = Build("""
            {"project": {"projectId": "p1"},
             "instance": {"serviceAccounts": {"default": {"email": "a@p1.iam.gserviceaccount.com"}}}}
            """);

        Assert.Equal(expected, Text(tree.Find(path)!.Render()));
    }

    internal static MetadataTree Build(string json) => MetadataTree.Build(Claims.Parse(Encoding.UTF8.GetBytes(json), "claims.json"));

    internal static string Text(MetadataRendering? rendering) => Encoding.UTF8.GetString(rendering!.Value.Body.Span);
}
