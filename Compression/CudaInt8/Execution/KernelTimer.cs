using SparseGrid.Compression.CudaInt8.Driver;

namespace SparseGrid.Compression.CudaInt8.Execution;

/// <summary>Times of what is enqueued on a stream, by the GPU's own clock.</summary>
internal sealed class KernelTimer : IDisposable
{
    private readonly CudaDevice device;
    private readonly CudaStream stream;
    private readonly CudaEvent start;
    private readonly CudaEvent end;

    public KernelTimer(CudaDevice device, CudaStream stream)
    {
        (this.device, this.stream) = (device, stream);
        start = CudaEvent.Create(device);
        end = CudaEvent.Create(device);
    }

    /// <summary>Microseconds of one call among several in a row, recorded so that the processor does not hold them up; median of the rounds.</summary>
    public double OfRecorded(Action enqueue, int inRow, int rounds)
    {
        using var graph = CudaGraph.Record(device, stream, () =>
        {
            for (var i = 0; i < inRow; i++)
                enqueue();
        });
        stream.Launch(graph);
        return Median(Of(() => stream.Launch(graph), rounds)) / inRow;
    }

    /// <summary>Microseconds of each of several calls, one after the other.</summary>
    public double[] Of(Action enqueue, int rounds)
    {
        var times = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            stream.Record(start);
            enqueue();
            stream.Record(end);
            times[round] = stream.Microseconds(start, end);
        }

        return times;
    }

    public static double Median(double[] times)
    {
        var sorted = times.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public void Dispose()
    {
        start.Dispose();
        end.Dispose();
    }
}
