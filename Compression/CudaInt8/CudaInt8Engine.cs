using System.Collections.Immutable;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Runtimes;

namespace SparseGrid.Compression.CudaInt8;

/// <summary>A quantized network on an NVIDIA GPU, in 8-bit integers and, where it pays, with 2:4 weights. Gives the bits of <see cref="Reference.ReferenceExecutor"/>.</summary>
/// <remarks>Calls of several threads to one engine run one after the other; several engines, also on one GPU, run side by side. Disposing frees all that it holds there.</remarks>
public sealed partial class CudaInt8Engine : IGpuNetwork, IDisposable
{
    private readonly Lock gate = new();
    private readonly EngineOptions options;
    private readonly List<IDisposable> owned = [];
    private readonly List<PlannedLaunch> launches = [];
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
            memory = Owned(new EngineMemory(device, stream, Plan, options.Images, options.TensorsApart));
            timer = Owned(new KernelTimer(device, stream));
            BuildTimes = Prepare();
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

    /// <summary>What its build spent its time on.</summary>
    public BuildTimes BuildTimes { get; }

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
            var times = timer.Of(Enqueue, runs);
            GC.KeepAlive(this);
            return times;
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
            foreach (var planned in launches)
                planned.Launch.Dispose();
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
            foreach (var (step, launch, beside) in launches)
            {
                launch.Enqueue();
                observe(step, memory.Download(step.Output));
                if (beside is not null)
                    observe(beside, memory.Download(beside.Output));
            }
        }
    }

    private unsafe void Run<T>(ImageForm form, ReadOnlySpan<T> images, Span<float> scores)
        where T : unmanaged
    {
        if (form != options.Images)
            throw new InvalidOperationException($"Images of form {form} were given, but the engine was built for {options.Images}.");
        if (images.Length != (long)Plan.Batch * Plan.Input.Count || scores.Length != (long)Plan.Batch * Plan.Classes)
            throw new ArgumentException($"{images.Length} image values and room for {scores.Length} scores were given; {Plan.Batch} images of {Plan.Input} are {(long)Plan.Batch * Plan.Input.Count} values and {(long)Plan.Batch * Plan.Classes} scores.");

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            using var current = Device.Enter();
            fixed (T* held = images)          // until the copy is done, which the download waits for
            {
                stream.Upload(images, memory.Images.Value);
                Enqueue();
                stream.Download(memory.Of(Plan.Output), scores);
            }
        }

        GC.KeepAlive(this);                   // with the engine would go the memory that the GPU works on
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
        foreach (var planned in launches)
            planned.Launch.Enqueue();
    }

    private T Owned<T>(T value)
        where T : IDisposable
    {
        owned.Add(value);
        return value;
    }
}
