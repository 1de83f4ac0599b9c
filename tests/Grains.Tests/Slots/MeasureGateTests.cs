using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Tests.Slots;

public sealed class MeasureGateTests
{
    private readonly MeasureGate gate = new();

    [Fact]
    public async Task A_measurement_waits_for_those_that_run_and_keeps_out_those_that_come()
    {
        var running = gate.Share(default);
        var measuring = Task.Run(() => gate.Alone(default), TestContext.Current.CancellationToken);

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
        var next = Task.Run(() => gate.Share(default), TestContext.Current.CancellationToken);
        alone.Dispose();
        (await next).Dispose();
    }

    [Fact]
    public async Task A_measurement_that_gives_up_lets_the_others_in()
    {
        using var running = gate.Share(default);
        using var stop = new CancellationTokenSource();
        var measuring = Task.Run(() => gate.Alone(stop.Token), TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => measuring);
        gate.Share(default).Dispose();
    }
}
