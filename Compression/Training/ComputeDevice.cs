using SparseGrid.Compression.Native;
using TorchSharp;

namespace SparseGrid.Compression.Training;

/// <summary>Where networks run.</summary>
public sealed class ComputeDevice
{
    private ComputeDevice(torch.Device device) => Device = device;

    /// <summary>The processor.</summary>
    public static ComputeDevice Cpu { get; } = new(torch.CPU);

    /// <summary>Version of the libtorch that is loaded: 2.10.0.0 for the one that ships with the program, 2.11.0+cu130 for an installed PyTorch.</summary>
    public static string LibtorchVersion => TorchLibrary.InstalledVersion ?? torch.__version__;

    /// <summary>The framework's name for it.</summary>
    internal torch.Device Device { get; }

    /// <summary>The device of that name.</summary>
    /// <param name="name">cpu or cuda.</param>
    /// <exception cref="ArgumentException">The name is another, or libtorch sees no GPU.</exception>
    public static ComputeDevice Named(string name) => name switch
    {
        "cpu" => Cpu,
        "cuda" when torch.cuda.is_available() => Cuda(),
        "cuda" => throw new ArgumentException("numerics.device is cuda, but libtorch sees no GPU here. Set Torch:LibraryPath to a PyTorch with CUDA, or the device to cpu."),
        _ => throw new ArgumentException($"numerics.device is '{name}'; it is cpu or cuda."),
    };

    // The precision is FP32, as the numerics fingerprint says: TF32 has 10 bits of mantissa, and the exported file would then differ from what was trained.
    private static ComputeDevice Cuda()
    {
        torch.backends.cuda.matmul.allow_tf32 = false;
        torch.backends.cudnn.allow_tf32 = false;
        LibtorchContext.TrySetDeterministicCudnn();
        return new(torch.CUDA);
    }

    /// <summary>Sets the intra-op threads of what the calling thread runs; results depend on their number.</summary>
    public static void SetThreads(int threads) => torch.set_num_threads(threads);
}
