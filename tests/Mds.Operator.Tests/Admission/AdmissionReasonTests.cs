using System.Reflection;
using Mds.Operator.Admission;

namespace Mds.Operator.Tests.Admission;

public sealed class AdmissionReasonTests
{
    private static readonly IEnumerable<AdmissionReason> All = typeof(AdmissionReason)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<AdmissionReason>();

    [Fact]
    public void Documentation_EveryReasonThatUsersMeet_IsInIt()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "injection.md"));

        var met = All.Where(reason => reason.Outcome != AdmissionOutcome.Injected && reason != AdmissionReason.NotPodCreation);
        Assert.All(met, reason => Assert.Contains($"`{reason.Name}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Say_EveryReason_IsASentence() => Assert.All(All, reason =>
    {
        var sentence = reason.Say("one", "two", "three");
        Assert.EndsWith(".", sentence.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("{", sentence, StringComparison.Ordinal);
    });
}
