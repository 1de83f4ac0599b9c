using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using SparseGrid.Benchmarks;
using SparseGrid.Benchmarks.Grid;
using SparseGrid.Benchmarks.Peer;

int Given(int place, int otherwise) => args.Length > place ? int.Parse(args[place]) : otherwise;

// Comparisons within one run; everything else goes to BenchmarkDotNet.
switch (args)
{
    case ["steps", var form, var network, var threads]:       // the worker of "peer"
        StepServer.Run(form, network, int.Parse(threads));
        break;
    case ["peer", ..]:                                         // peer [NETWORK] [THREADS] [ROUNDS] [STEPS]: training steps beside Debian's python3-torch
        PeerComparison.Run(args.ElementAtOrDefault(1) ?? "resnet20", threads: Given(2, 1), rounds: Given(3, 7), steps: Given(4, 8));
        break;
    case ["apex", var checkout, ..]:                           // apex CHECKOUT [ROUNDS]: masks beside a checkout of NVIDIA/apex, which runs in python3-torch
        ApexComparison.Run(checkout, rounds: Given(2, 5));
        break;
    case ["permute", var threads, .. var networks]:            // permute THREADS [NETWORK...]: the search of channel permutations on networks
        PermutationTimes.OfNetworks(networks.Length > 0 ? networks : ["resnet18", "resnet34", "resnet50"], int.Parse(threads));
        break;
    case ["permute-matrices", var folder, ..]:                 // permute-matrices FOLDER [APEX]: on the golden folder's matrices, beside apex's search
        PermutationTimes.OfRecordedMatrices(folder, args.ElementAtOrDefault(2), threads: 1);
        break;
    case ["calibrators", ..]:                                  // calibrators [FOLDER] [ROUNDS]: ranges beside tools/pytorch-quantization of a checkout of NVIDIA/TensorRT
        CalibratorComparison.Run(args.ElementAtOrDefault(1), rounds: Given(2, 7));
        break;
    case ["ort-options", ..]:                                  // ort-options [NETWORK] [THREADS] [ROUNDS]: what session options do to deployed files
        RuntimeOptions.Run(args.ElementAtOrDefault(1) ?? "resnet18", Given(2, 2), Given(3, 20));
        break;
    case ["import", ..]:                                       // import [NETWORK] [ROUNDS]: an ONNX file and state dicts of a network, read and imported
        ImportTimes.Run(args.ElementAtOrDefault(1) ?? "resnet50", Given(2, 10));
        break;
    case ["cuda-int8", ..]:                                    // cuda-int8 [NETWORKS] [BATCHES] [ROUNDS] [report] [tiles]: whole networks on the GPU engine beside PyTorch's FP16; layer by layer; every tile that is timed
        CudaInt8Networks.Run(
            (args.ElementAtOrDefault(1) ?? "resnet18,resnet34,resnet50").Split(','), [.. (args.ElementAtOrDefault(2) ?? "1,32,128").Split(',').Select(int.Parse)], Given(3, 100),
            report: args.Contains("report"), tiles: args.Contains("tiles"));
        break;
    case ["grid-cold", ..]:                                    // grid-cold [ROUNDS]: from the start of a process to its first stage
        ColdStart.Run(Given(1, 7));
        break;
    case ["grid-first", var folder]:                           // the worker of "grid-cold"
        await ColdStart.First(folder);
        break;
    case ["grid", var counts, var profile, ..]:                // grid TRIALS[,TRIALS...] sqlite|host|redis|memory [one|every] [SLOTS]: what the grid costs where stages compute nothing
        await GridThroughput.Run([.. counts.Split(',').Select(int.Parse)], profile, everyStage: args.ElementAtOrDefault(3) == "every", slots: Given(4, 32));
        break;
    case ["float16", ..]:                                      // float16 [NETWORKS] [BATCHES] [ROUNDS]: the baseline of GPU measurements beside PyTorch's
        Float16Baseline.Run(
            (args.ElementAtOrDefault(1) ?? "resnet18,resnet34,resnet50").Split(','), [.. (args.ElementAtOrDefault(2) ?? "1,32,128").Split(',').Select(int.Parse)], Given(3, 100));
        break;
    default:
        // In this process: the native libraries are loaded once, and every figure of a class comes from one run.
        var config = DefaultConfig.Instance
            .AddJob(Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(12))
            .AddColumn(StatisticColumn.Median)
            .HideColumns(Column.Error);
        BenchmarkSwitcher.FromAssembly(typeof(TrainingStep).Assembly).Run(args, config);
        break;
}
