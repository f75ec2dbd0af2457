using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Mds.Benchmarks;

// In this process: nothing is to be compared across runtimes, and a program of its own for each benchmark takes minutes.
var config = DefaultConfig.Instance.AddJob(
    Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(11));
BenchmarkSwitcher.FromTypes([typeof(AnswerBenchmarks), typeof(BuildBenchmarks), typeof(FindBenchmarks)]).Run(args, config);
