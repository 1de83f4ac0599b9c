using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Tests.Slots;

public sealed class MeasureGateTests
{
    private readonly MeasureGate gate = new();

    [Fact]
    public async Task A_measurement_waits_for_those_that_run_and_keeps_out_those_that_come()
    {
        var running = gate.Share(TestContext.Current.CancellationToken);
        var measuring = Task.Run(() => gate.Alone(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        // The newcomer gets in only as long as the measurement has not asked yet.
        await Doubles.Until.True(() =>
        {
            using var already = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
            try
            {
                gate.Share(already.Token).Dispose();
                return false;
            }
            catch (OperationCanceledException)
            {
                return true;
            }
        });
        Assert.False(measuring.IsCompleted);

        running.Dispose();
        var alone = await measuring;
        var next = Task.Run(() => gate.Share(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        alone.Dispose();
        (await next).Dispose();
    }

    [Fact]
    public async Task A_measurement_that_gives_up_lets_the_others_in()
    {
        using var running = gate.Share(TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var measuring = Task.Run(() => gate.Alone(stop.Token), TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => measuring);
        gate.Share(TestContext.Current.CancellationToken).Dispose();
    }

    [Fact]
    public async Task One_that_runs_steps_aside_for_a_measurement_and_goes_on_after_it()
    {
        var stop = TestContext.Current.CancellationToken;
        using var running = gate.Share(stop);
        running.StepAside(stop);                              // nobody waits: returns at once

        var measuring = Task.Run(() => gate.Alone(stop), stop);
        var measured = false;
        var steps = Task.Run(
            () =>
            {
                while (!Volatile.Read(ref measured))
                    running.StepAside(stop);
            },
            stop);
        using (await measuring)
        {
            Assert.False(steps.IsCompleted);
            Volatile.Write(ref measured, true);
        }

        await steps;

        // It has its place again: another measurement waits for it.
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(() => gate.Alone(impatient.Token));
    }

    [Fact]
    public async Task One_that_is_stopped_while_aside_returns_without_a_place()
    {
        var running = gate.Share(TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var measuring = Task.Run(() => gate.Alone(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var aside = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                    running.StepAside(stop.Token);
            },
            TestContext.Current.CancellationToken);
        var alone = await measuring;
        await stop.CancelAsync();
        await aside;

        running.Dispose();
        alone.Dispose();
        gate.Alone(TestContext.Current.CancellationToken).Dispose();
    }
}
