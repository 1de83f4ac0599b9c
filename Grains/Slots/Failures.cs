using System.Data.Common;
using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Slots;

/// <summary>The class of whatever a run threw. libtorch, CUDA and ONNX Runtime tell what is wrong in words only, so those are read.</summary>
public static class Failures
{
    // CUDA's driver error codes, cuda.h.
    private const int CudaOutOfMemory = 2;

    private static readonly string[] MemoryWords =
    [
        "out of memory", "can't allocate memory", "Cannot allocate memory", "bad_alloc", "bad allocation", "ALLOC_FAILED", "Failed to allocate memory", "OUT_OF_MEMORY",
    ];

    private static readonly string[] DeviceWords =
        ["CUDA error", "CUDA driver error", "CUDNN_STATUS_", "cuDNN error", "CUBLAS_STATUS_", "CUSPARSE_STATUS_", "cusparseLt", "cudaError", "device-side assert", "uncorrectable ECC"];

    // What a machine lacks; the process is whole.
    private static readonly string[] MissingDeviceWords =
        ["no CUDA-capable device", "driver version is insufficient", "no kernel image", "invalid device ordinal", "CUDNN_STATUS_NOT_SUPPORTED", "CUBLAS_STATUS_NOT_SUPPORTED"];

    // As Compression says it of weights and activations.
    private static readonly string[] NotFiniteWords = ["NaN or infinite", "is not finite"];

    /// <summary>The class of a failure: that of the first exception, from the one that was thrown inwards to its causes, that says something certain.</summary>
    public static FailureClass ClassOf(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (Certain(cause) is { } known)
                return known;
        }

        return failure is StageFailedException or InvalidDataException or ArgumentException or FileNotFoundException or DirectoryNotFoundException
            ? FailureClass.BadInput
            : FailureClass.Code;
    }

    /// <summary>The failure as a user is told it: the message of what is known, the kind of exception too where nobody foresaw it.</summary>
    /// <remarks>Of a record that cannot be read, what the store says of it: around that stands only which call met it.</remarks>
    public static string MessageOf(Exception failure, FailureClass known)
    {
        var told = Transient.Unreadable(failure) ?? failure;
        return known == FailureClass.Code && failure is not StageFailedException ? $"{told.GetType().Name}: {told.Message}" : told.Message;
    }

    private static FailureClass? Certain(Exception cause) => cause switch
    {
        OutOfMemoryException => FailureClass.OutOfMemory,
        StageTimeoutException => FailureClass.Timeout,
        CudaException cuda => OfCuda(cuda),
        _ when Says(cause, NotFiniteWords) => FailureClass.NotFinite,
        NewerStateException => FailureClass.BadInput,

        // A file that is missing is an input; one that cannot be read or written, a store.
        FileNotFoundException or DirectoryNotFoundException => FailureClass.BadInput,
        IOException or DbException or UnauthorizedAccessException => FailureClass.Storage,
        ExternalException or SEHException => OfNative(cause),
        _ when cause.GetType().Namespace?.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal) == true => OfNative(cause),
        _ => null,
    };

    private static FailureClass? OfNative(Exception cause) =>
        Says(cause, MemoryWords) ? FailureClass.OutOfMemory
        : Says(cause, MissingDeviceWords) ? FailureClass.BadInput
        : Says(cause, DeviceWords) ? FailureClass.Device
        : null;

    // Codes from 100 to 299 are of a machine without the device or with an older driver, but for those of its memory (214) and links (220, 221); of 300 to 399 files,
    // of 400 to 699 calls that cannot be made. From 700 on the context is lost. A failure without a code is one of our own checks.
    private static FailureClass? OfCuda(CudaException cuda) => cuda.Code switch
    {
        CudaOutOfMemory => FailureClass.OutOfMemory,
        214 or 220 or 221 or (>= 700 and < 800) or 999 => FailureClass.Device,
        0 or (>= 100 and < 300) or (>= 800 and < 900) => FailureClass.BadInput,
        _ => null,
    };

    private static bool Says(Exception cause, string[] words) => words.Any(word => cause.Message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
