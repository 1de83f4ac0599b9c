using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

/// <summary>What a user asks of a sweep that is under way or has ended: pause, resume, retry; and the list of all.</summary>
public sealed class SweepVerbTests
{
    [Fact]
    public async Task A_paused_sweep_lets_what_runs_go_on_and_starts_nothing_new_until_it_is_resumed()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<TrainStage>(hold);
        var sweep = grid.Sweep("paused");
        await sweep.Submit(Specs.Tree("paused", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);

        Assert.True((await sweep.Pause()).Accepted);
        Assert.True((await sweep.Pause()).Accepted); // Safe to repeat.
        hold.Set();
        var status = await Until.True(sweep.Status, status => status.Running == 0);
        Assert.Equal((SweepState.Paused, 1, 3), (status.State, status.Finished, status.Waiting));
        Assert.Equal(0, grid.Runner.Count("finetune"));

        Assert.True((await sweep.Resume()).Accepted);
        Assert.Equal((SweepState.Finished, 4), ((status = await Until.Ended(sweep)).State, status.Finished));
        Assert.Equal(1, grid.Runner.Count("train"));
    }

    [Fact]
    public async Task A_stopped_sweep_is_resumed_without_its_spec()
    {
        await using var grid = await TestGrid.Start();
        using var hold = new ManualResetEventSlim();
        grid.Runner.Hold<TrainStage>(hold);
        var sweep = grid.Sweep("stopped");
        await sweep.Submit(Specs.Tree("stopped", "max"));
        await Until.True(() => grid.Runner.Count("train") == 1);
        await sweep.Stop(null);
        Assert.Equal(SweepState.Stopped, (await Until.Ended(sweep)).State);

        hold.Set();
        Assert.True((await sweep.Resume()).Accepted);
        Assert.Equal(4, (await Until.Ended(sweep)).Finished);
        Assert.Equal(1, grid.Runner.Resumed["train"]);
    }

    [Fact]
    public async Task Failed_trials_run_again_when_they_are_retried_and_so_do_their_children()
    {
        await using var grid = await TestGrid.Start();
        var broken = true;
        grid.Runner.Before = (request, _) =>
        {
            if (request.Stage is PruneStage && broken)
                throw new StageFailedException("the disk was full");
        };
        var sweep = grid.Sweep("retried");
        await sweep.Submit(Specs.Tree("retried", "max"));
        Assert.Equal(2, (await Until.Ended(sweep)).Failed);

        broken = false;
        Assert.True((await sweep.Retry([])).Accepted);
        var status = await Until.Ended(sweep);

        Assert.Equal((4, 0), (status.Finished, status.Failed));
        Assert.Equal(1, grid.Runner.Count("train"));
        var again = await sweep.Retry([]);
        Assert.Equal((false, "No trial of sweep 'retried' has failed."), (again.Accepted, again.Reason));
    }

    [Fact]
    public async Task What_cannot_be_asked_of_a_sweep_is_refused_in_words()
    {
        await using var grid = await TestGrid.Start();
        var unknown = grid.Sweep("unknown");
        Assert.Equal("There is no sweep 'unknown' to be paused; submit its spec.", (await unknown.Pause()).Reason);
        Assert.Equal("There is no sweep 'unknown' to be resumed; submit its spec.", (await unknown.Resume()).Reason);
        Assert.Null(await unknown.Spec());

        var ended = grid.Sweep("ended");
        await ended.Submit(Specs.Tree("ended", "max"));
        await Until.Ended(ended);
        Assert.Equal("Sweep 'ended' is Finished and cannot be paused.", (await ended.Pause()).Reason);
    }

    [Fact]
    public async Task The_plan_that_was_submitted_is_shown_where_the_data_or_the_silos_that_compute_are_gone()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("shown");
        Assert.Null(await sweep.Submitted());
        var planned = await sweep.Plan(Specs.Tree("shown", "max"));
        await sweep.Submit(Specs.Tree("shown", "max"));
        await Until.Ended(sweep);

        grid.Surroundings.Refusal = new StageFailedException("numerics.device is cpu, but no silo that is up computes on it");
        var submitted = (await sweep.Submitted())!;

        Assert.Equal(planned.Trials.Select(trial => trial with { Done = true }), submitted.Trials);
    }

    [Fact]
    public async Task A_retry_of_a_class_where_the_data_are_gone_is_refused_in_words()
    {
        await using var grid = await TestGrid.Start();
        grid.Runner.Before = (_, _) => throw new StageFailedException("it cannot be used");
        var sweep = grid.Sweep("moved");
        await sweep.Submit(Specs.Tree("moved", "max"));
        await Until.Ended(sweep);

        grid.Surroundings.Refusal = new UnauthorizedAccessException("Access to the path '/data/digits.csv' is denied.");

        Assert.Equal((false, "Access to the path '/data/digits.csv' is denied."), Told(await sweep.Retry([FailureClass.BadInput])));
        Assert.Equal((false, "Access to the path '/data/digits.csv' is denied."), Told(await sweep.Submit(Specs.Tree("moved", "max"))));
    }

    private static (bool Accepted, string Reason) Told(SubmitAnswer answer) => (answer.Accepted, answer.Reason);

    [Fact]
    public async Task All_sweeps_that_were_ever_submitted_are_listed()
    {
        await using var grid = await TestGrid.Start();
        var index = grid.Grains.GetGrain<ISweepIndexGrain>(0);
        Assert.Empty(await index.Names());

        foreach (var name in new[] { "two", "one" })
        {
            await grid.Sweep(name).Submit(Specs.Tree(name, "max"));
            await Until.Ended(grid.Sweep(name));
        }

        Assert.Equal(["one", "two"], await index.Names());
        Assert.Equal("one", (await grid.Sweep("one").Spec())!.Sweep);
    }
}
