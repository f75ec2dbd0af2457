using Mds.Cluster.Tests.Scenarios;
using Xunit.Sdk;
using Xunit.v3;

// One cluster, and tests that restart parts of it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: TestCollectionOrderer(typeof(ScenarioOrder))]

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>The first installation first, what disturbs the operator after what only uses it, the uninstallation last.</summary>
public sealed class ScenarioOrder : ITestCollectionOrderer
{
    private static readonly Type[] First = [typeof(InstallationTests)];

    private static readonly Type[] Last =
        [typeof(DisturbanceTests), typeof(WebhookTrustTests), typeof(OperatorRollTests), typeof(EmulatorRemovalTests), typeof(UninstallTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(Rank).ThenBy(c => c.TestCollectionDisplayName, StringComparer.Ordinal)];

    // Each class is a collection, which has the class' name in its own.
    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        bool Is(Type type) => collection.TestCollectionDisplayName.Contains(type.FullName!, StringComparison.Ordinal);
        return Array.FindIndex(Last, Is) is >= 0 and var last ? 1 + last : Array.Exists(First, Is) ? -1 : 0;
    }
}
