using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>What an engine keeps on its GPU: images, activations, and constants.</summary>
internal sealed class EngineMemory : IDisposable
{
    private readonly Dictionary<int, nint> tensors;
    private readonly List<DeviceMemory> activations = [];
    private readonly Dictionary<Array, DeviceMemory> constants = new(ReferenceEqualityComparer.Instance);

    /// <param name="apart">True gives each tensor a block of exactly its bytes instead of a place in one block for all.</param>
    public EngineMemory(CudaDevice device, CudaStream stream, ExecutionPlan plan, ImageForm images, bool apart = false)
    {
        (Device, Stream, Plan) = (device, stream, plan);
        var layout = MemoryPlan.Of(plan);
        var imageBytes = (long)plan.Batch * plan.Input.Count * (images == ImageForm.Float32 ? 4 : 2);
        try
        {
            tensors = apart
                ? layout.Places.ToDictionary(place => place.Tensor, place => Activations(plan.Tensors[place.Tensor].BytesPerImage * plan.Batch))
                : Places(layout, Activations(layout.Bytes));
            Images = DeviceMemory.Allocate(device, imageBytes, $"{plan.Batch} images");
            Randomize();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public CudaDevice Device { get; }

    public CudaStream Stream { get; }

    public ExecutionPlan Plan { get; }

    /// <summary>The images of a call.</summary>
    public DeviceMemory Images { get; } = null!;

    /// <summary>Memory of all activations.</summary>
    public long ActivationBytes => activations.Sum(block => block.Bytes);

    /// <summary>Where a tensor lies.</summary>
    public nint Of(int tensor) => tensors[tensor];

    /// <summary>Where constants lie; copied when they are first asked for.</summary>
    public nint Constant<T>(T[] values)
        where T : unmanaged
    {
        if (!constants.TryGetValue(values, out var memory))
            constants[values] = memory = DeviceMemory.Of<T>(Device, Stream, values, "weights");
        return memory.Value;
    }

    /// <summary>Bytes of a tensor without those between its pixels; they are there until a later step takes the memory.</summary>
    public byte[] Download(int index)
    {
        var tensor = Plan.Tensors[index];
        var stored = new byte[tensor.BytesPerImage * Plan.Batch];
        Stream.Download(Of(index), stored.AsSpan());
        if (tensor.Stride == tensor.Shape.Channels)
            return stored;
        var bytes = new byte[tensor.Shape.Count * Plan.Batch];
        for (var pixel = 0; pixel < bytes.Length / tensor.Shape.Channels; pixel++)
            stored.AsSpan(pixel * tensor.Stride, tensor.Shape.Channels).CopyTo(bytes.AsSpan(pixel * tensor.Shape.Channels));
        return bytes;
    }

    public void Dispose()
    {
        foreach (var memory in constants.Values)
            memory.Dispose();
        constants.Clear();
        Images?.Dispose();
        foreach (var block in activations)
            block.Dispose();
    }

    private static Dictionary<int, nint> Places(MemoryPlan layout, nint block) => layout.Places.ToDictionary(place => place.Tensor, place => block + (nint)place.Offset);

    private nint Activations(long bytes)
    {
        var block = DeviceMemory.Allocate(Device, bytes, $"the activations of {Plan.Batch} images");
        activations.Add(block);
        return block.Value;
    }

    // Kernels are timed on these before any image has come; arithmetic on zeros alone takes less power and can be faster. About half are zero, as after a ReLU.
    private void Randomize()
    {
        var random = new Random(1);
        var block = GC.AllocateUninitializedArray<sbyte>((int)Math.Min(activations.Max(each => each.Bytes), 1 << 22), pinned: true);
        var drawn = block.AsSpan(0, Math.Min(block.Length, 1 << 18));         // and repeated: to draw 4 MB takes 40 ms
        random.NextBytes(MemoryMarshal.AsBytes(drawn));
        foreach (ref var level in drawn)
            level = Math.Max(level, (sbyte)0);
        for (var at = drawn.Length; at < block.Length; at += drawn.Length)
            drawn[..Math.Min(drawn.Length, block.Length - at)].CopyTo(block.AsSpan(at));
        foreach (var each in activations)
        {
            for (long at = 0; at < each.Bytes; at += block.Length)
                Stream.Upload<sbyte>(block.AsSpan(0, (int)Math.Min(block.Length, each.Bytes - at)), each.Value + (nint)at);
        }

        Stream.Synchronize();
    }
}
