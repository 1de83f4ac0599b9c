namespace SparseGrid.Compression.CudaInt8.Driver;

/// <summary>Launches that were recorded and run with one call.</summary>
internal sealed class CudaGraph : CudaHandle
{
    private CudaGraph(CudaDevice device, nint value)
        : base(device, value)
    {
    }

    /// <summary>Records what is enqueued on a stream, which does not run then.</summary>
    public static CudaGraph Record(CudaDevice device, CudaStream stream, Action enqueue)
    {
        const int threadLocal = 1;
        using var current = device.Enter();
        CudaDriver.Check(CudaDriver.cuStreamBeginCapture_v2(stream.Value, threadLocal), "beginning to record launches");
        try
        {
            enqueue();
        }
        catch
        {
            // The stream goes on as before; the caller hears what failed first, not that the recording is worthless.
            _ = CudaDriver.cuStreamEndCapture(stream.Value, out var unfinished);
            if (unfinished != 0)
                _ = CudaDriver.cuGraphDestroy(unfinished);
            throw;
        }

        CudaDriver.Check(CudaDriver.cuStreamEndCapture(stream.Value, out var graph), "recording launches");
        var code = CudaDriver.cuGraphInstantiateWithFlags(out var executable, graph, 0);
        _ = CudaDriver.cuGraphDestroy(graph);
        CudaDriver.Check(code, "preparing recorded launches");
        return new(device, executable);
    }

    protected override int Free(nint value) => CudaDriver.cuGraphExecDestroy(value);
}
