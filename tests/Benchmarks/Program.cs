using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using SparseGrid.Benchmarks;
using SparseGrid.Benchmarks.Peer;

// Beside BenchmarkDotNet's own arguments: "peer [NETWORK] [THREADS] [ROUNDS] [STEPS]" compares training steps with Debian's python3-torch; "steps" is its worker.
// "calibrators [FOLDER] [ROUNDS]" compares ranges of histograms with pytorch-quantization: FOLDER is tools/pytorch-quantization of a checkout of NVIDIA/TensorRT.
if (args is ["steps", var form, var network, var threads])
{
    StepServer.Run(form, network, int.Parse(threads));
    return;
}

if (args is ["peer", ..])
{
    int Given(int place, int otherwise) => args.Length > place ? int.Parse(args[place]) : otherwise;
    PeerComparison.Run(args.ElementAtOrDefault(1) ?? "resnet20", threads: Given(2, 1), rounds: Given(3, 7), steps: Given(4, 8));
    return;
}

if (args is ["calibrators", ..])
{
    CalibratorComparison.Run(args.ElementAtOrDefault(1), rounds: args.Length > 2 ? int.Parse(args[2]) : 7);
    return;
}

// In this process: the native libraries are loaded once, and every figure of a class comes from one run.
var config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(12))
    .AddColumn(StatisticColumn.Median)
    .HideColumns(Column.Error);
BenchmarkSwitcher.FromAssembly(typeof(TrainingStep).Assembly).Run(args, config);
