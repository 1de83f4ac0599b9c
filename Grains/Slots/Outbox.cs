using System.Collections.Immutable;
using SparseGrid.Contracts.Grains;

namespace SparseGrid.Grains.Slots;

/// <summary>Reports on their way to one receiver: one batch under way at a time, in the order in which they came.</summary>
/// <param name="send">Delivers a batch.</param>
internal sealed class Outbox(Func<ImmutableArray<VariantReport>, Task> send)
{
    private const int MostAtOnce = 256;

    private readonly Queue<(VariantReport Report, TaskCompletionSource Taken)> waiting = new();
    private bool sending;

    /// <summary>Sends the report with the next batch; ends with that batch, as it ends.</summary>
    public Task Add(VariantReport report)
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting)
        {
            waiting.Enqueue((report, taken));
            if (sending)
                return taken.Task;
            sending = true;
        }

        // Neither on the scheduler of the grain that happened to come first nor with its context.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(Send);
        return taken.Task;
    }

    private async Task Send()
    {
        while (Next() is { Length: > 0 } batch)
        {
            try
            {
                await send([.. batch.Select(waiter => waiter.Report)]);
                foreach (var (_, taken) in batch)
                    taken.SetResult();
            }
#pragma warning disable CA1031 // The fault is for those who wait to judge; the next batch may fare better.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                foreach (var (_, taken) in batch)
                    taken.SetException(fault);
            }
        }
    }

    private (VariantReport Report, TaskCompletionSource Taken)[] Next()
    {
        lock (waiting)
        {
            var batch = new (VariantReport, TaskCompletionSource)[Math.Min(MostAtOnce, waiting.Count)];
            for (var i = 0; i < batch.Length; i++)
                batch[i] = waiting.Dequeue();
            sending = batch.Length > 0;
            return batch;
        }
    }
}
