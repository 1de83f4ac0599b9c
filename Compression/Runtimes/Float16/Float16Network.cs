using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Native;
using SparseGrid.Compression.Statistics;
using SparseGrid.Compression.Tensors;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Runtimes.Float16;

/// <summary>A network of floats in libtorch's fastest float16 form: normalizations folded, channels innermost, convolutions with add and ReLU as one call of cuDNN where
/// that is faster, everything recorded as one CUDA graph.</summary>
/// <remarks>What an INT8 engine has to beat on the same GPU. Not safe for several threads at once; cuDNN chooses its algorithms while it is built, so nothing else should use the GPU then.</remarks>
public sealed class Float16Network : IGpuNetwork, IDisposable
{
    private const int TimedToChoose = 15;

    private readonly CudaDevice device;
    private readonly CudaStream stream;
    private readonly KernelTimer timer;
    private readonly Tensor images;                            // [N, H, W, C]
    private readonly Tensor input;                             // the same as [N, C, H, W]
    private readonly List<ScriptedNetwork> forms = [];
    private ScriptedNetwork? chosen;

    private Float16Network(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, CudaDevice device, int batch)
    {
        (this.device, Classes, Batch) = (device, GraphShapes.Of(graph)[graph.OutputName].Count, batch);
        var shape = graph.InputShape;
        stream = TorchStream.Instance is null ? CudaStream.Default(device) : CudaStream.Create(device);
        timer = new(device, stream);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        images = zeros([batch, shape.Height, shape.Width, shape.Channels], ScalarType.Float16, CUDA);
        // Said outright: with one channel both orders are the same memory, and the strides alone tell the operators which one is meant.
        input = images.as_strided([batch, shape.Channels, shape.Height, shape.Width], [shape.Count, 1, (long)shape.Width * shape.Channels, shape.Channels]);
        images.DetachFromDisposeScope();
        input.DetachFromDisposeScope();
        try
        {
            Choose(graph, weights);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Images of a call.</summary>
    public int Batch { get; }

    /// <summary>Scores of an image.</summary>
    public int Classes { get; }

    /// <summary>What was found to be fastest: cudnn_convolution_relu in 17 of 20 layers, CUDA graph.</summary>
    public string Form => chosen!.Form;

    /// <summary>Puts a network on the GPU and finds its fastest form.</summary>
    /// <param name="weights">float32, as trained.</param>
    /// <param name="device">The first GPU, which libtorch sees too; must outlive the network.</param>
    /// <param name="batch">Images of a call, at least 1.</param>
    /// <exception cref="CudaException">libtorch sees no GPU, or a call failed.</exception>
    /// <exception cref="NotSupportedException">A node has no form here; the message names it.</exception>
    public static Float16Network Build(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights, CudaDevice device, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (!cuda.is_available())
            throw new CudaException($"The float16 baseline runs in libtorch, which sees no GPU here. Name the torch/lib folder of a PyTorch with CUDA in {TorchLibrary.PathVariable}.");
        return new(graph, weights, device, batch);
    }

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<Half> images, Span<float> scores)
    {
        if (images.Length != this.images.numel() || scores.Length != Batch * Classes)
            throw new ArgumentException($"{images.Length} image values and room for {scores.Length} scores were given; {Batch} images are {this.images.numel()} values and {Batch * Classes} scores.");

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var host = zeros(this.images.shape, ScalarType.Float16);
        MemoryMarshal.AsBytes(images).CopyTo(host.bytes);
        this.images.copy_(host);
        cuda.synchronize();
        chosen!.Enqueue();
        stream.Synchronize();
        chosen.Scores.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray().CopyTo(scores);
    }

    /// <inheritdoc/>
    public double[] Time(int runs) => Time(chosen!, runs);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var form in forms)
            form.Dispose();
        input.Dispose();
        images.Dispose();
        timer.Dispose();
        stream.Dispose();
    }

    private double[] Time(ScriptedNetwork network, int runs)
    {
        network.Enqueue();
        stream.Synchronize();
        return timer.Of(network.Enqueue, runs);
    }

    private void Choose(LayerGraph graph, IReadOnlyDictionary<string, HostArray> weights)
    {
        var refused = "";
        ScriptedNetwork? Try(Func<ConvolutionFusion, bool> fused)
        {
            try
            {
                return ScriptedNetwork.Of(new(graph, weights, fused), input, device, stream);
            }
            catch (ExternalException failed)
            {
                // cuDNN has no such call for some layer; or even plain convolutions fail, and that is told.
                refused = failed.Message.Split('\n')[0];
                return null;
            }
        }

        var plain = Try(_ => false) ?? throw new CudaException($"libtorch cannot run the network in float16 on this GPU: {refused}");
        forms.Add(plain);
        var whole = Try(_ => true);
        if (whole is null)
        {
            var known = new HashSet<string>();
            foreach (var fusion in new NetworkScript(graph, weights, _ => true).Fusions)
            {
                using var alone = Try(each => each.Conv.Name == fusion.Conv.Name);
                if (alone is not null)
                    known.Add(fusion.Conv.Name);
            }

            whole = Try(each => known.Contains(each.Conv.Name));
        }

        if (whole is not null)
            forms.Add(whole);
        foreach (var form in forms.ToArray())
            form.Record();
        chosen = forms.MinBy(form => Quantile.Median(Time(form, TimedToChoose)))!;
        if (chosen.IsRecorded)
        {
            var recorded = Quantile.Median(Time(chosen, TimedToChoose));
            chosen.UseRecorded = false;
            chosen.UseRecorded = recorded <= Quantile.Median(Time(chosen, TimedToChoose));
        }
    }
}
