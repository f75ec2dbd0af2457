using System.Text.Json.Nodes;

namespace Mds.Charts.Tests;

public sealed class PermissionsTests
{
    private sealed record Rule(Manifest Role, string[] Groups, string[] Resources, string[] Verbs, string[] Names);

    [Fact]
    public async Task Rules_Everywhere_HaveNoWildcards()
    {
        Assert.All(await RulesAsync(), rule => Assert.DoesNotContain("*", rule.Groups.Concat(rule.Resources).Concat(rule.Verbs)));
    }

    [Fact]
    public async Task Rules_OverTheCluster_TouchNoSecretsNoTokensAndNoPermissions()
    {
        string[] never = ["secrets", "serviceaccounts/token", "roles", "rolebindings", "clusterroles", "clusterrolebindings", "pods/exec"];
        string[] neverVerbs = ["escalate", "bind", "impersonate"];

        Assert.All((await RulesAsync()).Where(rule => rule.Role.Kind == "ClusterRole"), rule =>
        {
            Assert.Empty(rule.Resources.Intersect(never));
            Assert.Empty(rule.Verbs.Intersect(neverVerbs));
        });
    }

    [Theory]
    [InlineData("secrets", "mds-webhook-ca")]
    [InlineData("leases", "mds-operator")]
    [InlineData("mutatingwebhookconfigurations", "mds")]
    public async Task Rules_OfOneKnownObject_NameIt(string resource, string name)
    {
        var rules = (await RulesAsync()).Where(rule => rule.Resources.Contains(resource)).ToList();

        // A create cannot be limited to a name: the API server does not know it yet.
        Assert.NotEmpty(rules);
        Assert.All(rules.Where(rule => !rule.Verbs.SequenceEqual(["create"])), rule => Assert.Equal([name], rule.Names));
    }

    [Fact]
    public async Task Bindings_OfEveryRole_GoToTheOperatorAlone()
    {
        var objects = await Helm.TemplateAsync("1.36");
        var account = objects.Single(o => o.Kind == "ServiceAccount").Name;

        Assert.All(objects.Where(o => o.Kind.EndsWith("RoleBinding", StringComparison.Ordinal)), binding =>
        {
            var subject = Assert.Single(binding["subjects"].AsArray())!;
            Assert.Equal(("ServiceAccount", account), ((string)subject["kind"]!, (string)subject["name"]!));
        });
        Assert.Equal(account, (string)objects.Single(o => o.Kind == "Deployment")["spec"]["template"]!["spec"]!["serviceAccountName"]!);
    }

    [Fact]
    public async Task Template_RbacNotCreated_HasNoRoles()
    {
        var objects = await Helm.TemplateAsync("1.36", "--set", "rbac.create=false");

        Assert.DoesNotContain(objects, o => o.Kind.Contains("Role", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<Rule>> RulesAsync() =>
    [
        .. from role in await Helm.TemplateAsync("1.36")
           where role.Kind is "Role" or "ClusterRole"
           from rule in role["rules"].AsArray()
           select new Rule(role, Strings(rule, "apiGroups"), Strings(rule, "resources"), Strings(rule, "verbs"), Strings(rule, "resourceNames")),
    ];

    private static string[] Strings(JsonNode rule, string field) => [.. (rule[field] as JsonArray ?? []).Select(value => (string)value!)];
}
