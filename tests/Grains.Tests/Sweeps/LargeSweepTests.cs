using System.Text.Json.Nodes;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

/// <summary>Sweeps of many pages of trials.</summary>
public sealed class LargeSweepTests
{
    private const int Replicates = 20;
    private const int Trials = 100 * Replicates;

    [Fact]
    public async Task Two_thousand_trials_run_each_stage_once_and_every_row_has_its_own_result()
    {
        await using var grid = await TestGrid.Start(slots: 8, inMemory: true);

        await grid.Sweep("large").Submit(Specs.Hundreds("large", Replicates));
        var status = await Ended(grid, "large");

        Assert.Equal((SweepState.Finished, Trials, 0, 0), (status.State, status.Finished, status.Failed, status.Reused));
        Assert.Equal((Replicates, Replicates, Trials - Replicates), (grid.Runner.Count("train"), grid.Runner.Count("collect"), grid.Runner.Count("calibrate")));
        Assert.Equal(grid.Runner.Runs.Count, grid.Runner.Runs.Select(run => run.Key).Distinct().Count());
        Assert.Equal(grid.Runner.Runs.Count, status.StagesExecuted.Values.Sum());
        Assert.Equal(Trials - Replicates - Replicates, status.StagesReused["collect"]);
        await CheckRows(grid, "large");
    }

    [Fact]
    public async Task Two_thousand_trials_are_finished_and_whole_though_the_coordinators_silo_is_lost_on_the_way()
    {
        await using var grid = await TestGrid.Start(slots: 4, silos: 2, inMemory: true);
        await grid.Sweep("bereft").Submit(Specs.Hundreds("bereft", Replicates));
        await Until.True(grid.Sweep("bereft").Status, status => status.Finished > Trials / 4);

        var coordinator = await grid.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grid.Sweep("bereft"), TestContext.Current.CancellationToken);
        await grid.Cluster.KillSiloAsync(grid.Cluster.Silos.Single(silo => silo.SiloAddress.Equals(coordinator)), TestContext.Current.CancellationToken);
        var status = await Ended(grid, "bereft");

        Assert.Equal((SweepState.Finished, Trials, 0), (status.State, status.Finished, status.Failed));
        await CheckRows(grid, "bereft");
    }

    [Fact]
    public async Task Where_trials_stand_survives_the_coordinator_page_by_page()
    {
        await using var grid = await TestGrid.Start(slots: 8, inMemory: true);
        grid.Runner.Before = (request, _) =>
        {
            // Index 650 is in the second page.
            if (request.Stage is CalibrateStage { Percentile: > 99.495 and < 99.505 } && request.Recipe.Seed == 7)
                throw new StageFailedException("no range");
        };
        var sweep = grid.Sweep("pages");
        await sweep.Submit(Specs.Hundreds("pages", 11));
        var before = await Ended(grid, "pages");
        Assert.Equal((1099, 1), (before.Finished, before.Failed));
        Assert.Equal(3, grid.Storage.Texts("sweep-page").Count);

        await grid.Cluster.DeactivateAsync(sweep);
        var after = await sweep.Status();

        Assert.Equal((before.State, 1099, 1, before.Ended), (after.State, after.Finished, after.Failed, after.Ended));
        Assert.Equal(before.StagesExecuted, after.StagesExecuted);
        Assert.Equal(before.StagesReused, after.StagesReused);
        var failed = (await sweep.Rows(500, 500)).Single(row => row.State == TrialState.Failed);
        Assert.Equal((650, "no range"), (failed.Index, failed.Failure));
    }

    [Fact]
    public async Task A_lost_page_costs_a_look_at_the_results_and_nothing_runs_again()
    {
        await using var grid = await TestGrid.Start(slots: 8, inMemory: true);
        var sweep = grid.Sweep("torn");
        await sweep.Submit(Specs.Hundreds("torn", 8));
        await Until.True(sweep.Status, status => status.Finished > 100);
        await sweep.Pause();
        var paused = await Until.True(sweep.Status, status => status.Running == 0);
        Assert.Equal(SweepState.Paused, paused.State);

        await grid.Cluster.DeactivateAsync(sweep);
        grid.Storage.Replace("sweep-page", GrainId.Create("sweep-page", "torn.0"), null);
        Assert.True((await sweep.Resume()).Accepted);
        var status = await Ended(grid, "torn");

        Assert.Equal((SweepState.Finished, 800), (status.State, status.Finished));
        Assert.Equal(grid.Runner.Runs.Count, grid.Runner.Runs.Select(run => run.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_sweep_that_a_version_before_pages_stored_is_taken_over()
    {
        await using var grid = await TestGrid.Start();
        var sweep = grid.Sweep("old");
        grid.Runner.Before = (request, _) =>
        {
            if (request.Stage is PruneStage)
                throw new StageFailedException("no layer is eligible");
        };
        await sweep.Submit(Specs.Tree("old", "max", "mse"));
        var before = await Until.Ended(sweep);
        var id = sweep.GetGrainId();
        await grid.Cluster.DeactivateAsync(sweep);

        // As it was: one byte a trial, messages and counts in the sweep's own record, and no pages.
        var record = JsonNode.Parse(grid.Storage.Texts("sweep")[id])!.AsObject();
        var page = JsonNode.Parse(grid.Storage.Texts("sweep-page").Single().Value)!.AsObject();
        record.Remove("Submission");
        foreach (var member in new[] { "Trials", "Failures", "Executed", "Reused" })
            record[member] = page[member]!.DeepClone();
        grid.Storage.Replace("sweep", id, record.ToJsonString());
        grid.Storage.Replace("sweep-page", GrainId.Create("sweep-page", "old.0"), null);

        var after = await sweep.Status();
        Assert.Equal((before.State, before.Finished, before.Failed, before.Ended), (after.State, after.Finished, after.Failed, after.Ended));
        Assert.Equal(before.StagesExecuted, after.StagesExecuted);
        Assert.Contains((await sweep.Rows(0, 10)), row => row.Failure == "no layer is eligible");

        grid.Runner.Before = (_, _) => { };
        Assert.True((await sweep.Retry([])).Accepted);
        Assert.Equal((6, 0), ((await Until.Ended(sweep)).Finished, (await sweep.Status()).Failed));
    }

    private static Task<SweepStatus> Ended(TestGrid grid, string name) =>
        Until.True(grid.Sweep(name).Status, status => status.State != SweepState.Active && status.Running == 0, deadline: TimeSpan.FromMinutes(3));

    private static async Task CheckRows(TestGrid grid, string name)
    {
        var rows = new List<TrialRow>();
        while (rows.Count < Trials)
            rows.AddRange(await grid.Sweep(name).Rows(rows.Count, 500));

        Assert.Empty(await grid.Sweep(name).Rows(Trials, 500));
        Assert.Equal(Enumerable.Range(0, Trials), rows.Select(row => row.Index));
        Assert.Equal(Trials, rows.Select(row => row.Variant).Distinct().Count());
        Assert.All(rows, row => Assert.Equal((TrialState.Finished, row.Variant), (row.State, row.Result!.Variant)));
        Assert.All(rows, row => Assert.Equal(row.Kind == VariantKind.Dense ? 5 : 7, row.Result!.Stages.Length));
        Assert.All(rows.SelectMany(row => row.Result!.Stages).SelectMany(stage => stage.Artifacts.Values).Distinct(), hash => Assert.True(grid.Artifacts.Holds(hash)));
    }
}
