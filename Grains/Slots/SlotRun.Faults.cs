using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Grains.Slots;

/// <summary>How a run ends, and how long it waits for a grid that does not answer. The classes of failures are <see cref="Failures"/>'s.</summary>
public sealed partial class SlotRun
{
    // Longer than the death of a silo, its directory's lease and a call's timeout together.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static RunOutcome Preempted => new(RunEnd.Stopped, null, FailureClass.Preempted);

    private RunOutcome Outcome()
    {
        try
        {
            Run();
            return new(RunEnd.Finished, null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Preempted;
        }
        catch (LostGridException lost)
        {
            // The cluster's trouble, not the variant's: it waits for a slot again, and goes on from its checkpoint.
            LogFailed(lost.InnerException!, assignment.Variant, Epoch);
            return Preempted;
        }
#pragma warning disable CA1031 // Whatever a stage throws ends this run and no other: the silo and its slots live on.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            return Failed(failed, hangs: false);
        }
    }

    private RunOutcome Failed(Exception failed, bool hangs)
    {
        var known = Failures.ClassOf(failed);
        var message = Failures.MessageOf(failed, known);
        LogFailed(failed, assignment.Variant, Epoch);
        return failing(new(assignment.Variant, known, message, hangs)) ? new(RunEnd.Failed, message, known) : Preempted;
    }

    // Called off the slot's thread, which is lost to a native call.
    private void GiveUp(StageTimeoutException hung)
    {
        if (Interlocked.Exchange(ref settled, 1) != 0)
            return;

        var outcome = Failed(hung, hangs: true);
        _ = Task.Run(() => EndWithoutThread(outcome));
    }

    // This thread has nothing else to do, so it may block. What is asked is safe to repeat, so a passing trouble costs a moment, not a training: a silo that
    // is lost takes its grains along for as long as its death takes to be declared, a store that is busy for a second.
    private T Ask<T>(Func<Task<T>> call)
    {
        var began = services.Clock.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Blocking.On(call());
            }
            catch (Exception failed) when (Transient.Is(failed) && (attempt < 5 || (IsWaitedFor(failed) && IsPatient(began))))
            {
                if (attempt == 1)
                    LogWaitsForGrid(assignment.Variant, failed is OrleansException { InnerException: { } cause } ? cause.Message : failed.Message);
                stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200 * Math.Min(attempt, 10)));
                if (stop.IsCancellationRequested)
                    Thread.Sleep(200);
            }
            catch (Exception failed) when (Transient.IsOfGrid(failed))
            {
                throw new LostGridException(failed);
            }
        }
    }

    // Where nobody would wait for room on a disk, a store's fault is told at once.
    private bool IsWaitedFor(Exception failed) => Transient.IsOfGrid(failed) || services.Options.WaitForStorage;

    private bool IsPatient(long began) => !stop.IsCancellationRequested && services.Clock.GetElapsedTime(began) < Patience;

    // The cluster did not answer for as long as a run waits.
    private sealed class LostGridException(Exception last) : Exception(last.Message, last);
}
