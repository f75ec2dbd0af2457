using BenchmarkDotNet.Attributes;
using Mds.Metadata;

namespace Mds.Benchmarks;

/// <summary>Finding a node in trees of several sizes: ten different attributes, so that no tree has an advantage.</summary>
[MemoryDiagnoser]
public class FindBenchmarks
{
    private const int Different = 10;

    private readonly string[] _paths = new string[Different];
    private MetadataTree _tree = null!;

    /// <summary>How many attributes the instance has.</summary>
    [Params(10, 1_000, 100_000)]
    public int Attributes { get; set; }

    /// <summary>Builds the tree.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _tree = MetadataTree.Build(AttributeClaims.Of(Attributes));
        for (var i = 0; i < Different; i++)
        {
            _paths[i] = "/computeMetadata/v1/instance/attributes/" + AttributeClaims.Name(i * (Attributes / Different));
        }
    }

    /// <summary>Finds each of them.</summary>
    [Benchmark(OperationsPerInvoke = Different)]
    public int Find()
    {
        var found = 0;
        foreach (var path in _paths)
        {
            found += _tree.Find(path) is null ? 0 : 1;
        }

        return found == Different ? found : throw new InvalidOperationException("An attribute is missing.");
    }
}
