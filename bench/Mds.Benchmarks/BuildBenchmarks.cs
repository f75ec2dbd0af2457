using BenchmarkDotNet.Attributes;
using Mds.Metadata;

namespace Mds.Benchmarks;

/// <summary>Building a tree of a document that was read: once at the start, and at each change.</summary>
[MemoryDiagnoser]
public class BuildBenchmarks
{
    private Claims _claims = null!;

    /// <summary>How many attributes the instance has.</summary>
    [Params(1_000, 10_000, 100_000)]
    public int Attributes { get; set; }

    /// <summary>Reads the document.</summary>
    [GlobalSetup]
    public void SetUp() => _claims = AttributeClaims.Of(Attributes);

    /// <summary>Builds the tree.</summary>
    [Benchmark]
    public MetadataTree Build() => MetadataTree.Build(_claims);
}
