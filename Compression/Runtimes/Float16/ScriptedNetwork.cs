using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.Native;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Runtimes.Float16;

/// <summary>A script with its constants and images on the GPU, run call by call or as a recorded graph.</summary>
internal sealed class ScriptedNetwork : IDisposable
{
    private readonly CudaDevice device;
    private readonly CudaStream stream;
    private readonly jit.CompilationUnit unit;
    private readonly object[] arguments;
    private readonly (int Fused, int Convolutions) counts;
    private Tensor? scores;
    private Tensor? recordedScores;
    private CudaGraph? recorded;
    private string? notRecorded;

    private ScriptedNetwork(NetworkScript script, Tensor input, CudaDevice device, CudaStream stream)
    {
        (this.device, this.stream) = (device, stream);
        counts = (script.Fusions.Count, script.Source.Split("torch.conv2d(").Length - 1 + script.Fusions.Count);
        unit = jit.compile(script.Source);
        arguments = new object[1 + script.Constants.Count];
        arguments[0] = input;
        try
        {
            for (var i = 0; i < script.Constants.Count; i++)
                arguments[1 + i] = OnGpu(script.Constants[i]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Scores of the last run, [N, classes].</summary>
    public Tensor Scores => recorded is not null && UseRecorded ? recordedScores! : scores!;

    /// <summary>True where the launches are recorded.</summary>
    public bool IsRecorded => recorded is not null;

    /// <summary>False runs call by call though there is a recording.</summary>
    public bool UseRecorded { get; set; } = true;

    /// <summary>In words.</summary>
    public string Form =>
        $"libtorch float16, {(counts.Fused == 0 ? "plain convolutions" : $"cudnn_convolution_relu in {counts.Fused} of {counts.Convolutions} convolutions")}, "
        + (recorded is not null && UseRecorded ? "CUDA graph" : $"eager{(notRecorded is null ? "" : $" ({notRecorded})")}");

    /// <summary>Compiles a script and runs it, so that cuDNN has chosen its algorithms.</summary>
    /// <exception cref="ExternalException">libtorch cannot run it.</exception>
    public static ScriptedNetwork Of(NetworkScript script, Tensor input, CudaDevice device, CudaStream stream)
    {
        var network = new ScriptedNetwork(script, input, device, stream);
        try
        {
            for (var run = 0; run < 3; run++)
                network.RunOnce();
            stream.Synchronize();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Records the launches; where that cannot be, they stay single calls, and <see cref="Form"/> says why.</summary>
    public void Record()
    {
        if (TorchStream.Instance is null)
        {
            notRecorded = "this libtorch does not export its streams";
            return;
        }

        try
        {
            // A recording writes to where its scores lay when it was made, so those stay.
            recorded = CudaGraph.Record(device, stream, () => recordedScores = Scored());
        }
        catch (Exception failed) when (failed is CudaException or ExternalException)
        {
            notRecorded = $"recording failed: {failed.Message.Split('\n')[0]}";
            RunOnce();
        }
    }

    /// <summary>Enqueues one run.</summary>
    public void Enqueue()
    {
        if (recorded is not null && UseRecorded)
            stream.Launch(recorded);
        else
            RunOnce();
    }

    public void Dispose()
    {
        recorded?.Dispose();
        scores?.Dispose();
        recordedScores?.Dispose();
        foreach (var constant in arguments.Skip(1).OfType<Tensor>())
            constant.Dispose();
        unit.Dispose();
    }

    private void RunOnce()
    {
        var before = scores;
        scores = Scored();
        before?.Dispose();
    }

    private Tensor Scored()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var plain = LibtorchContext.PlainScripts();
        using var fastest = LibtorchContext.FastestCudnn();    // what was timed when the network was built is looked up only where this is on
        Tensor made;
        if (TorchStream.Instance is { } torchStream)
        {
            using var entered = torchStream.Enter(stream, ordinal: 0);
            made = unit.invoke<Tensor>("forward", arguments);
        }
        else
        {
            made = unit.invoke<Tensor>("forward", arguments);
        }

        return made.DetachFromDisposeScope();
    }

    private static Tensor OnGpu(HostArray array)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var values = tensor(array.Floats.ToArray(), [.. array.Shape]);
        var half = (array.Shape.Length == 4 ? DenseFloats.ChannelsLast(values) : values).to(ScalarType.Float16).to(CUDA);
        return half.DetachFromDisposeScope();
    }
}
