using Microsoft.Extensions.Time.Testing;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests;

public sealed class SweepClientTests
{
    [Fact]
    public async Task Watch_gives_each_revision_once_and_ends_when_the_sweep_has_ended_and_nothing_runs()
    {
        var active = Status(SweepState.Active, waiting: 2, running: 1, finished: 0);
        var sweep = new ScriptedSweep(
            active with { Revision = 1 }, active with { Revision = 1 }, active with { Revision = 2 },
            active with { State = SweepState.Stopped, Revision = 3 }, active with { State = SweepState.Stopped, Running = 0, Revision = 4 });
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var client = new SweepClient(new OneSweep(sweep), clock);

        var seen = new List<long>();
        var watching = Task.Run(async () =>
        {
            await foreach (var status in client.Watch("digits"))
                seen.Add(status.Revision);
        }, TestContext.Current.CancellationToken);
        while (!watching.IsCompleted)
        {
            clock.Advance(client.PollInterval);
            await Task.Yield();
        }
        await watching;
        Assert.Equal([1, 2, 3, 4], seen);
    }

    [Fact]
    public async Task Wait_for_end_gives_the_last_status()
    {
        var client = new SweepClient(new OneSweep(new ScriptedSweep(Status(SweepState.BudgetReached, waiting: 1))));
        Assert.Equal(SweepState.BudgetReached, (await client.WaitForEnd("digits", TestContext.Current.CancellationToken)).State);
    }

    [Fact]
    public async Task Rows_are_fetched_page_by_page()
    {
        var sweep = new ScriptedSweep(Status()) { Trials = [.. Enumerable.Range(0, 1203).Select(index => Failed(index % 16, "dense", -1, "x") with { Index = index })] };
        var rows = await new SweepClient(new OneSweep(sweep)).Rows("digits");
        Assert.Equal(Enumerable.Range(0, 1203), rows.Select(row => row.Index));
        Assert.Equal([0, 500, 1000, 1203], sweep.Pages);
    }
}
