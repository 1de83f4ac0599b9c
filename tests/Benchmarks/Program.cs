using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using SparseGrid.Benchmarks;

// In this process: the native libraries are loaded once, and every figure of a class comes from one run.
var config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(12))
    .AddColumn(StatisticColumn.Median)
    .HideColumns(Column.Error);
BenchmarkSwitcher.FromAssembly(typeof(TrainingStep).Assembly).Run(args, config);
