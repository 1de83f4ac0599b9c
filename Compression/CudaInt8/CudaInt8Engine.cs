using System.Collections.Immutable;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8;

/// <summary>A quantized network on an NVIDIA GPU, in 8-bit integers and, where it pays, with 2:4 weights. Gives the bits of <see cref="Reference.ReferenceExecutor"/>.</summary>
/// <remarks>Calls of several threads to one engine run one after the other; several engines, also on one GPU, run side by side. Disposing frees all that it holds there.</remarks>
public sealed class CudaInt8Engine : IDisposable
{
    private readonly Lock gate = new();
    private readonly EngineOptions options;
    private readonly List<IDisposable> owned = [];
    private readonly List<(PlanStep Step, KernelLaunch Launch)> launches = [];
    private readonly List<LayerReport> layers = [];
    private readonly CudaStream stream;
    private readonly EngineMemory memory;
    private readonly KernelTimer timer;
    private CudaGraph? recorded;
    private bool disposed;

    private CudaInt8Engine(ExecutionPlan plan, CudaDevice device, EngineOptions options)
    {
        (Plan, Device, this.options) = (options.Convolutions == ConvolutionForm.Plain ? plan.Unfused() : plan, device, options);
        try
        {
            stream = Owned(CudaStream.Create(device));
            memory = Owned(new EngineMemory(device, stream, Plan, options.Images));
            timer = Owned(new KernelTimer(device, stream));
            Prepare();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What it runs.</summary>
    public ExecutionPlan Plan { get; }

    /// <summary>Where it runs.</summary>
    public CudaDevice Device { get; }

    /// <summary>What was decided for each convolution and fully connected layer.</summary>
    public ImmutableArray<LayerReport> Layers => [.. layers];

    /// <summary>Memory of all activations on the GPU, in bytes.</summary>
    public long ActivationBytes => memory.ActivationBytes;

    /// <summary>Compiles the kernels that the plan needs, finds the fastest of them for each layer, and copies the weights.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="device">Where; must outlive the engine.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="CudaException">NVRTC is missing, the GPU's memory does not suffice, or a call failed.</exception>
    /// <exception cref="NotSupportedException">A step has no kernel.</exception>
    public static CudaInt8Engine Build(ExecutionPlan plan, CudaDevice device, EngineOptions? options = null) => new(plan, device, options ?? new());

    /// <summary>Class scores of a batch.</summary>
    /// <param name="images">float32 [N, C, H, W], N the plan's batch.</param>
    /// <param name="scores">[N, classes].</param>
    /// <exception cref="ArgumentException">A span is of another length.</exception>
    /// <exception cref="InvalidOperationException">The engine was built for images of another form.</exception>
    public void Run(ReadOnlySpan<float> images, Span<float> scores) => Run(ImageForm.Float32, images, scores);

    /// <summary>Class scores of a batch.</summary>
    /// <param name="images">float16 [N, H, W, C], N the plan's batch.</param>
    /// <inheritdoc cref="Run(ReadOnlySpan{float}, Span{float})"/>
    public void Run(ReadOnlySpan<Half> images, Span<float> scores) => Run(ImageForm.Float16ChannelsLast, images, scores);

    /// <summary>Microseconds on the GPU of each of several runs over the images of the last call, without copies of images and scores.</summary>
    /// <param name="runs">How many, one after the other.</param>
    public double[] Time(int runs)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            using var current = Device.Enter();
            Enqueue();
            stream.Synchronize();
            return timer.Of(Enqueue, runs);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
                return;
            disposed = true;
            recorded?.Dispose();
            foreach (var (_, launch) in launches)
                launch.Dispose();
            for (var i = owned.Count - 1; i >= 0; i--)
                owned[i].Dispose();
        }
    }

    /// <summary>Runs step by step and tells each output: levels as they lie in memory, or the bytes of floats.</summary>
    internal void RunObserved(ReadOnlySpan<float> images, Action<PlanStep, byte[]> observe)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            using var current = Device.Enter();
            stream.Upload(images, memory.Images.Value);
            foreach (var (step, launch) in launches)
            {
                launch.Enqueue();
                observe(step, memory.Download<byte>(step.Output));
            }
        }
    }

    private void Run<T>(ImageForm form, ReadOnlySpan<T> images, Span<float> scores)
        where T : unmanaged
    {
        if (form != options.Images)
            throw new InvalidOperationException($"Images of form {form} were given, but the engine was built for {options.Images}.");
        if (images.Length != Plan.Batch * Plan.Input.Count || scores.Length != Plan.Batch * Plan.Classes)
            throw new ArgumentException($"{images.Length} image values and room for {scores.Length} scores were given; {Plan.Batch} images of {Plan.Input} are {Plan.Batch * Plan.Input.Count} values and {Plan.Batch * Plan.Classes} scores.");

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            using var current = Device.Enter();
            stream.Upload(images, memory.Images.Value);
            Enqueue();
            stream.Download(memory.Of(Plan.Output), scores);
        }
    }

    private void Enqueue()
    {
        if (recorded is not null)
            stream.Launch(recorded);
        else
            EnqueueAll();
    }

    private void EnqueueAll()
    {
        foreach (var (_, launch) in launches)
            launch.Enqueue();
    }

    private T Owned<T>(T value)
        where T : IDisposable
    {
        owned.Add(value);
        return value;
    }

    private void Prepare()
    {
        var code = new KernelCode(options.Cache ?? EngineCache.Default, Device.Architecture);
        var plain = new PlainKernels(memory, Owned(CudaModule.Load(Device, code.Of(PlainKernels.Source), "the plain steps")), options.Images);
        var search = Owned(new TileSearch(Device, stream, options.Cache ?? EngineCache.Default, code, Plan.Batch, options.Only));
        var tiled = Tiled(search);
        foreach (var step in Plan.Steps)
        {
            KernelLaunch launch;
            if (step is StemStep stem)
                launch = Owned(new StemKernel(memory, stem, code, options.Images)).Launch(timer);
            else if (step is ConvStep conv && tiled.TryGetValue(conv, out var layer))
                launch = search.Launch(layer, Chosen(conv, layer, search));
            else
                launch = plain.Of(step);
            launches.Add((step, launch));
            Report(step, tiled, search);
        }

        foreach (var layer in tiled.Values)
            layer.Keep(Chosen(layer.Step, layer, search));
        if (options.Recorded)
            recorded = CudaGraph.Record(Device, stream, EnqueueAll);
    }

    private Dictionary<ConvStep, TiledConvolution> Tiled(TileSearch search)
    {
        var tiled = new Dictionary<ConvStep, TiledConvolution>(ReferenceEqualityComparer.Instance);
        if (options.Convolutions == ConvolutionForm.Plain)
            return tiled;
        foreach (var conv in Plan.Steps.OfType<ConvStep>().Where(conv => Tile.IsEligible(conv, Plan.Tensors[conv.To], Plan.Batch, out _)))
            tiled[conv] = Owned(new TiledConvolution(conv, memory));
        search.Search([.. tiled.SelectMany(pair => FormsOf(pair.Key).Select(twoFour => (pair.Value, twoFour)))]);
        return tiled;
    }

    private bool[] FormsOf(ConvStep conv) =>
        !IsTwoFour(conv) || options.Convolutions == ConvolutionForm.Dense ? [false]
        : options.Convolutions == ConvolutionForm.TwoFour ? [true]
        : [false, true];

    private bool Chosen(ConvStep conv, TiledConvolution layer, TileSearch search) =>
        FormsOf(conv) is [var only] ? only : search.Of(layer, true).Microseconds < search.Of(layer, false).Microseconds;

    private static bool IsTwoFour(ConvStep conv) => conv.Weights.IsTwoFour(conv.Geometry.Input.Channels / conv.Geometry.Groups);

    private void Report(PlanStep step, Dictionary<ConvStep, TiledConvolution> tiled, TileSearch search)
    {
        if (step is not ConvStep conv)
            return;
        var (dense, sparse) = ((TileChoice?)null, (TileChoice?)null);
        var (kernel, isSparse) = (PlainKernels.KernelOf(conv), false);
        if (tiled.TryGetValue(conv, out var layer))
        {
            var forms = FormsOf(conv);
            (dense, sparse) = (forms.Contains(false) ? search.Of(layer, false) : null, forms.Contains(true) ? search.Of(layer, true) : null);
            isSparse = Chosen(conv, layer, search);
            var choice = isSparse ? sparse! : dense!;
            kernel = $"{(isSparse ? "2:4" : "dense")} {choice.Chosen}{(choice.Splits > 1 ? $" in {choice.Splits} parts" : "")}";
        }

        _ = Tile.IsEligible(conv, Plan.Tensors[conv.To], Plan.Batch, out var why);
        var bytes = conv.Inputs.Append(conv.Output).Sum(tensor => Plan.Tensors[tensor].BytesPerImage) * Plan.Batch + conv.Weights.Levels.Length;
        layers.Add(new(
            conv.Name, conv.Geometry, IsTwoFour(conv), why.Length > 0 ? why : options.Convolutions == ConvolutionForm.Plain ? "plain kernels were asked for" : null, kernel, isSparse,
            dense?.Microseconds, sparse?.Microseconds, 2 * conv.Geometry.MultiplyAdds * Plan.Batch, bytes));
    }
}
