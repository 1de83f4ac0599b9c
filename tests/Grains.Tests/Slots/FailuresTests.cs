#pragma warning disable CA2201 // What the runtime and TorchSharp throw is thrown here too.
using System.Runtime.InteropServices;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.Quantization.Calibrators;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Tests.Slots;

/// <summary>Exceptions as the libraries throw them, and the class that each is given.</summary>
public sealed class FailuresTests
{
    private const int NoSpace = 28;                           // ENOSPC: .NET's IOException carries the system's number on Unix

    public static TheoryData<string, FailureClass> OfNativeCode => new()
    {
        { "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.10 GiB of which 3.10 GiB is free.", FailureClass.OutOfMemory },
        { "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)", FailureClass.OutOfMemory },
        { "std::bad_alloc", FailureClass.OutOfMemory },
        { "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", FailureClass.OutOfMemory },
        { "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be asynchronously reported at some other API call", FailureClass.Device },
        { "CUDA error: device-side assert triggered", FailureClass.Device },
        { "CUDA error: uncorrectable ECC error encountered", FailureClass.Device },
        { "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm(…)`", FailureClass.Device },
        { "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", FailureClass.Device },
        { "CUDA error: no kernel image is available for execution on the device", FailureClass.BadInput },
        { "CUDA error: invalid device ordinal", FailureClass.BadInput },
        { "mat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)", FailureClass.Code },
    };

    public static TheoryData<int, FailureClass> OfCudaCodes => new()
    {
        { 2, FailureClass.OutOfMemory }, { 700, FailureClass.Device }, { 719, FailureClass.Device }, { 214, FailureClass.Device }, { 999, FailureClass.Device },
        { 0, FailureClass.BadInput }, { 100, FailureClass.BadInput }, { 209, FailureClass.BadInput }, { 803, FailureClass.BadInput }, { 1, FailureClass.Code }, { 400, FailureClass.Code },
    };

    [Theory]
    [MemberData(nameof(OfNativeCode))]
    public void What_libtorch_says_tells_memory_device_and_code_apart(string message, FailureClass expected) =>
        Assert.Equal(expected, Failures.ClassOf(new ExternalException(message)));

    [Theory]
    [MemberData(nameof(OfCudaCodes))]
    public void A_code_of_the_driver_tells_a_lost_context_from_a_missing_device(int code, FailureClass expected) =>
        Assert.Equal(expected, Failures.ClassOf(new CudaException("CUDA failed", code)));

    [Fact]
    public void A_real_allocation_that_is_too_large_is_out_of_memory()
    {
        var fault = Assert.ThrowsAny<Exception>(() => TorchSharp.torch.zeros(1L << 46));
        Assert.Equal(FailureClass.OutOfMemory, Failures.ClassOf(fault));
        Assert.Equal(FailureClass.OutOfMemory, Failures.ClassOf(new OutOfMemoryException()));
    }

    [Fact]
    public void What_calibration_says_of_values_that_are_not_finite_is_known()
    {
        using var values = TorchSharp.torch.tensor(new float[] { 1, float.NaN });
        var fault = Assert.ThrowsAny<Exception>(() => new MaxCalibrator([]).Collect(values, "conv1"));
        Assert.Equal(FailureClass.NotFinite, Failures.ClassOf(new StageFailedException(fault.Message, fault)));
    }

    [Fact]
    public void A_store_is_told_from_an_input_by_what_caused_the_failure()
    {
        var full = new StageFailedException("cannot be written", new IOException("…", new IOException("No space left on device", NoSpace)));
        Assert.Equal(FailureClass.Storage, Failures.ClassOf(full));
        Assert.Equal(FailureClass.Storage, Failures.ClassOf(new StageFailedException("read-only", new UnauthorizedAccessException())));
        Assert.Equal(FailureClass.BadInput, Failures.ClassOf(new StageFailedException("no data", new FileNotFoundException())));
        Assert.Equal(FailureClass.BadInput, Failures.ClassOf(new InvalidDataException("line 3 has 64 values, not 65")));
        Assert.Equal(FailureClass.BadInput, Failures.ClassOf(new StageFailedException("takes weights, which no stage before it made")));
        Assert.Equal(FailureClass.Timeout, Failures.ClassOf(new StageTimeoutException("no progress")));
        Assert.Equal(FailureClass.Code, Failures.ClassOf(new InvalidOperationException("two of them")));
    }

    [Fact]
    public void Every_class_has_a_name_that_leads_back_to_it_and_a_policy()
    {
        Assert.All(Enum.GetValues<FailureClass>(), known => Assert.Equal(known, FailureNames.Of(known.Name())));
        Assert.Null(FailureNames.Of("out of memory"));
        Assert.All(Enum.GetValues<FailureClass>(), known => Assert.InRange(SparseGrid.Grains.Sweeps.FailurePolicy.Of(known).Attempts, 1, 10));
    }
}
