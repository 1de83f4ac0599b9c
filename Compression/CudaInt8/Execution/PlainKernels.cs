using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Packing;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Graph;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>The kernels of steps.cuh: every step of a plan, any shape.</summary>
internal sealed class PlainKernels(EngineMemory memory, CudaModule module, ImageForm images)
{
    private const int Threads = 256;

    /// <summary>So many fit the shared memory of the kernel for both.</summary>
    private const int MostPooledChannels = 4096;

    /// <summary>The kernel of a mean over whole maps and the fully connected layer behind it.</summary>
    public const string Pooled = "pooled_fully_connected";

    // Of each layer one, since it holds weights in the kernel's order on the GPU; tuning asks again.
    private readonly Dictionary<ConvStep, PlainConv> prepared = new(ReferenceEqualityComparer.Instance);

    /// <summary>Their source.</summary>
    public static string Source { get; } = KernelSources.Of(["steps.cuh"], "");

    /// <summary>A launch of a step.</summary>
    /// <exception cref="NotSupportedException">The step has no kernel.</exception>
    public KernelLaunch Of(PlanStep step) => step switch
    {
        ImageStep image => Image(image),
        ConvStep conv => Conv(conv),
        FloatConvStep conv => Launch(step, "conv_float", Values(conv.To), new FloatConv { X = Read(conv.From), Y = Written(conv.To), W = memory.Constant(conv.Weights), Bias = memory.Constant(conv.Bias), Slide = Sliding(conv.Geometry) }),
        MaxPoolStep pool => Highest(pool),
        AveragePoolStep pool => Average(pool),
        PointwiseStep pointwise => Pointwise(pointwise),
        ChannelStep channels => Channels(channels),
        FlattenStep flatten => Flatten(flatten),
        _ => throw new NotSupportedException($"Step '{step.Name}' is a {step.GetType().Name}, which no kernel computes."),
    };

    /// <summary>A convolution by its name in steps.cuh: the one for any shape, or those for fully connected layers and for one input channel for each output.</summary>
    public static string KernelOf(ConvStep step) => IsFullyConnected(step) ? "fully_connected" : IsDepthwise(step) ? "conv_depthwise" : "conv_plain";

    private static bool IsFullyConnected(ConvStep step) =>
        step.Residual is null && step.Geometry is { Input: { Height: 1, Width: 1, Channels: > 4 }, Output: { Height: 1, Width: 1 }, Groups: 1 } && step.Geometry.Products == step.Geometry.Input.Channels;

    private static bool IsDepthwise(ConvStep step) => step.Geometry.Groups == step.Geometry.Input.Channels && step.Geometry.Output.Channels == step.Geometry.Input.Channels;

    private KernelLaunch Image(ImageStep step)
    {
        var shape = memory.Plan.Input;
        return Launch(step, images == ImageForm.Float32 ? "image_float" : "image_half", Pixels(step.To), new ImageParameters
        {
            X = memory.Images.Value, Y = Written(step.To), C = shape.Channels, HW = shape.Height * shape.Width, Count = (ulong)Pixels(step.To),
        });
    }

    /// <summary>A launch of an average pool over whole maps and the fully connected layer behind it; null where the two are something else.</summary>
    public KernelLaunch? Ending(AveragePoolStep pool, ConvStep connected)
    {
        var pooled = memory.Plan.Tensors[pool.To];
        return IsWhole(pool) && IsFullyConnected(connected) && connected.From == pool.To && pooled.IsInteger && pooled.Stride <= MostPooledChannels
            ? KernelLaunch.Of(
                memory.Device, $"{pool.Name}, {connected.Name}", module.Kernel(Pooled), ((connected.Geometry.Output.Channels + 31) / 32, memory.Plan.Batch, 1), 1024, 0, memory.Stream,
                new PooledParameters { Pool = Pooling(pool), Connected = Parameters(connected) })
            : null;
    }

    private KernelLaunch Conv(ConvStep step)
    {
        var (kernel, parameters) = (KernelOf(step), Parameters(step));
        return kernel == "fully_connected"
            ? KernelLaunch.Of(memory.Device, step.Name, module.Kernel(kernel), ((step.Geometry.Output.Channels + 7) / 8, (memory.Plan.Batch + 7) / 8, 1), Threads, 0, memory.Stream, parameters)
            : Launch(step, kernel, kernel == "conv_depthwise" ? Pixels(step.To) * (parameters.XStride / 4) : Values(step.To), parameters);
    }

    private PlainConv Parameters(ConvStep step)
    {
        if (prepared.TryGetValue(step, out var known))
            return known;
        var (from, to, kernel) = (memory.Plan.Tensors[step.From], memory.Plan.Tensors[step.To], KernelOf(step));
        return prepared[step] = new()
        {
            X = memory.Of(step.From),
            W = memory.Constant(kernel switch
            {
                "fully_connected" => PaddedWeights.Rows(step.Weights.Levels, from.Shape.Channels, from.Stride),
                "conv_depthwise" => PaddedWeights.ChannelsInnermost(step.Weights.Levels, from.Shape.Channels, from.Stride),
                _ => step.Weights.Levels,
            }),
            Y = memory.Of(step.To),
            Residual = step.Residual is { } residual ? memory.Of(residual) : 0,
            Alpha = memory.Constant(step.Weights.Alpha),
            Bias = memory.Constant(step.Weights.Bias),
            Beta = step.Beta,
            Low = step.Low,
            High = step.High,
            Floats = to.IsInteger ? 0 : 1,
            XStride = from.Stride,
            YStride = to.Stride,
            ResidualStride = step.Residual is { } added ? memory.Plan.Tensors[added].Stride : 0,
            Slide = Sliding(step.Geometry),
        };
    }

    private KernelLaunch Highest(MaxPoolStep step)
    {
        var parameters = new Pool { X = Read(step.From), Y = Written(step.To), Slide = Sliding(step.From, step.To, step.Window) };
        return memory.Plan.Tensors[step.From].IsInteger
            ? Launch(step, "max_pool_levels", Pixels(step.To) * (parameters.X.Stride / 4), parameters)
            : Launch(step, "max_pool_floats", Values(step.To), parameters);
    }

    private KernelLaunch Average(AveragePoolStep step) => IsWhole(step)
        ? KernelLaunch.Of(
            memory.Device, step.Name, module.Kernel("global_average"), ((memory.Plan.Tensors[step.From].Shape.Channels + 127) / 128, memory.Plan.Batch, 1), Threads, 0, memory.Stream, Pooling(step))
        : Launch(step, "average_pool", Values(step.To), Pooling(step));

    private bool IsWhole(AveragePoolStep step) => memory.Plan.Tensors[step.From] is { IsInteger: true, Shape: var shape } && step.Window == new Window(shape.Height, shape.Width);

    private Pool Pooling(AveragePoolStep step)
    {
        var (from, to) = (memory.Plan.Tensors[step.From], memory.Plan.Tensors[step.To]);
        return new()
        {
            X = Read(step.From),
            Y = Written(step.To),
            Factor = (float)((double)(from.IsInteger ? from.Scale : 1) / (to.IsInteger ? to.Scale : 1)),
            CountPadding = step.CountPadding ? 1 : 0,
            Slide = Sliding(step.From, step.To, step.Window),
        };
    }

    private KernelLaunch Pointwise(PointwiseStep step)
    {
        var shape = memory.Plan.Tensors[step.To].Shape;
        return Launch(step, "pointwise", Values(step.To), new PointwiseParameters
        {
            X = Read(step.From[0]),
            Y = step.From.Length > 1 ? Read(step.From[1]) : default,
            Z = Written(step.To),
            Factor = step.Factor is { } factor ? memory.Constant(factor) : 0,
            Shift = step.Shift is { } shift ? memory.Constant(shift) : 0,
            First = step.First,
            Second = step.Second,
            Operation = (int)step.Operation,
            Channels = shape.Channels,
            PerImage = shape.Height * shape.Width,
            Gate = step.From.Length > 1 && memory.Plan.Tensors[step.From[1]].Shape.Count != shape.Count ? 1 : 0,
            Count = (ulong)Values(step.To),
        });
    }

    private KernelLaunch Channels(ChannelStep step)
    {
        var (from, to) = (memory.Plan.Tensors[step.From], memory.Plan.Tensors[step.To]);
        var pixels = (long)memory.Plan.Batch * from.Shape.Height * from.Shape.Width;
        return Launch(step, "channels", pixels * step.Count, new ChannelParameters
        {
            X = Read(step.From), Y = Written(step.To), Start = step.Start, ToStart = step.ToStart, Moved = step.Count, Shuffle = step.Shuffle, Raw = Raw(from, to), Pixels = (ulong)pixels,
        });
    }

    private KernelLaunch Flatten(FlattenStep step)
    {
        var (from, to) = (memory.Plan.Tensors[step.From], memory.Plan.Tensors[step.To]);
        return Launch(step, "flatten", Values(step.To), new FlattenParameters
        {
            X = Read(step.From), Y = Written(step.To), C = from.Shape.Channels, HW = from.Shape.Height * from.Shape.Width, Raw = Raw(from, to), Count = (ulong)Values(step.To),
        });
    }

    private KernelLaunch Launch<T>(PlanStep step, string kernel, long threads, in T parameter)
        where T : unmanaged =>
        KernelLaunch.Of(memory.Device, step.Name, module.Kernel(kernel), ((threads + Threads - 1) / Threads, 1, 1), Threads, 0, memory.Stream, parameter);

    private long Pixels(int tensor) => (long)memory.Plan.Batch * memory.Plan.Tensors[tensor].Shape.Height * memory.Plan.Tensors[tensor].Shape.Width;

    private long Values(int tensor) => (long)memory.Plan.Batch * memory.Plan.Tensors[tensor].Shape.Count;

    private Operand Read(int tensor) => new() { Data = memory.Of(tensor), Scale = memory.Plan.Tensors[tensor].Scale, Stride = memory.Plan.Tensors[tensor].Stride };

    private Result Written(int tensor) => new()
    {
        Data = memory.Of(tensor), Inverse = memory.Plan.Tensors[tensor] is { IsInteger: true } levels ? 1 / levels.Scale : 0, Stride = memory.Plan.Tensors[tensor].Stride,
    };

    private static int Raw(PlanTensor from, PlanTensor to) => from.IsInteger && from.Scale == to.Scale ? 1 : 0;

    private Slide Sliding(int from, int to, Window window) => Sliding(new ConvGeometry(memory.Plan.Tensors[from].Shape, memory.Plan.Tensors[to].Shape, window, 1));

    private Slide Sliding(ConvGeometry geometry) => new()
    {
        N = memory.Plan.Batch,
        H = geometry.Input.Height,
        W = geometry.Input.Width,
        C = geometry.Input.Channels,
        OH = geometry.Output.Height,
        OW = geometry.Output.Width,
        K = geometry.Output.Channels,
        R = geometry.Window.KernelHeight,
        S = geometry.Window.KernelWidth,
        StrideY = geometry.Window.StrideHeight,
        StrideX = geometry.Window.StrideWidth,
        PadY = geometry.Window.PadTop,
        PadX = geometry.Window.PadLeft,
        DilationY = geometry.Window.DilationHeight,
        DilationX = geometry.Window.DilationWidth,
        Groups = geometry.Groups,
    };
}
