using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Tests.Doubles;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Silo.Tests.Embedding;

public sealed class EmbeddedSiloTests
{
    [Fact]
    public async Task Results_outlive_the_process_and_a_second_start_reuses_all()
    {
        using var folder = new TestFolder();
        TrialRow[] before;
        await using (var silo = await folder.Start())
        {
            var sweep = silo.Grains.GetGrain<ISweepGrain>("digits");
            Assert.True((await sweep.Submit(Specs.Tree("digits", "max", "entropy"))).Accepted);
            Assert.Equal(6, (await Until.Ended(sweep)).Finished);
            before = [.. await sweep.Rows(0, 10)];
        }

        var executed = folder.Runner.Runs.Count;
        await using var second = await folder.Start();
        var again = second.Grains.GetGrain<ISweepGrain>("digits");
        Assert.Equal(SweepState.Finished, (await again.Status()).State);
        await again.Submit(Specs.Tree("digits", "max", "entropy"));
        var status = await again.Status();

        Assert.Equal((SweepState.Finished, 6, 6), (status.State, status.Finished, status.Reused));
        Assert.Equal(executed, folder.Runner.Runs.Count);
        var rows = await again.Rows(0, 10);
        Assert.Equal(before.Select(row => row.Variant), rows.Select(row => row.Variant));
        Assert.Equal(before[5].Result!.Stages.Select(stage => stage.Key), rows[5].Result!.Stages.Select(stage => stage.Key));
        Assert.Equal(before[5].Result!.Recipe.Stages.ToArray(), rows[5].Result!.Recipe.Stages.ToArray());
        Assert.True(double.IsNaN(rows[0].Result!.Stages[0].Numbers["loss"]));
        Assert.Equal(0, Assert.IsType<TrainStage>(rows[0].Result!.Recipe.Stages[0]).Settings.Momentum);
    }

    [Fact]
    public async Task A_killed_process_is_followed_by_one_that_goes_on_at_once()
    {
        var spec = Specs.Tree("killed", "max");
        using var left = await LeftByAKillInFinetune(spec);
        var watch = Stopwatch.StartNew();
        await using var next = await left.Start();
        var sweep = next.Grains.GetGrain<ISweepGrain>("killed");
        Assert.Equal(SweepState.Active, (await sweep.Status()).State);
        Assert.Empty(left.Runner.Runs);

        var answer = await sweep.Submit(spec);
        Assert.StartsWith("joined", answer.Reason);
        var status = await Until.Ended(sweep);

        Assert.Equal((SweepState.Finished, 4), (status.State, status.Finished));
        Assert.Equal((0, 1), (left.Runner.Count("train"), left.Runner.Count("finetune")));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}: a lease of the dead process was waited for");
    }

    [Fact]
    public async Task A_budget_of_wall_time_does_not_run_while_nothing_does()
    {
        var spec = Specs.Tree("slept", "max") with { Budget = new(Wall: TimeSpan.FromMinutes(10)) };
        using var left = await LeftByAKillInFinetune(spec);
        await using var next = await left.Start(configure: services => services.AddSingleton<TimeProvider>(new NextDay()));
        var sweep = next.Grains.GetGrain<ISweepGrain>("slept");
        await sweep.Submit(spec);
        var status = await Until.Ended(sweep);

        Assert.Equal((SweepState.Finished, 4), (status.State, status.Finished));
    }

    [Fact]
    public async Task A_sweep_that_a_killed_process_left_active_takes_another_spec_and_reuses_what_is_the_same()
    {
        using var left = await LeftByAKillInFinetune(Specs.Tree("edited", "max"));
        await using var next = await left.Start();
        var sweep = next.Grains.GetGrain<ISweepGrain>("edited");
        var answer = await sweep.Submit(Specs.Tree("edited", "max", "mse"));
        Assert.True(answer.Accepted, answer.Reason);
        var other = await sweep.Submit(Specs.Tree("edited", "entropy"));
        Assert.False(other.Accepted, "a sweep that runs here takes no other spec");
        var status = await Until.Ended(sweep);

        Assert.Equal((SweepState.Finished, 6), (status.State, status.Finished));
        Assert.Equal(0, left.Runner.Count("train"));
    }

    [Fact]
    public async Task A_stage_that_outlasts_the_silo_s_stop_does_no_harm_when_it_ends()
    {
        using var folder = new TestFolder();
        using var hold = new ManualResetEventSlim();
        Thread? slot = null;
        folder.Runner.Before = (_, _) =>
        {
            slot = Thread.CurrentThread;
            hold.Wait(CancellationToken.None);
        };
        var silo = await folder.Start(configure: services => services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1)));
        await silo.Grains.GetGrain<ISweepGrain>("deaf").Submit(Specs.Tree("deaf", "max"));
        await Until.True(() => slot is not null);

        await silo.StopAsync();
        hold.Set();

        // An exception that a slot's thread lets out ends the whole process, and the test with it.
        Assert.True(slot!.Join(TimeSpan.FromSeconds(30)), "the slot's thread still runs");
    }

    [Fact]
    public async Task Signals_are_the_program_s_business_and_not_the_silo_s()
    {
        using var folder = new TestFolder();
        await using var silo = await folder.Start();

        Assert.IsNotType<ConsoleLifetime>(silo.Services.GetRequiredService<IHostLifetime>());
    }

    [Fact]
    public async Task Stopping_the_silo_checkpoints_what_runs_and_the_next_silo_goes_on_from_there()
    {
        using var folder = new TestFolder();
        using var hold = new ManualResetEventSlim();
        folder.Runner.Hold<TrainStage>(hold);
        var spec = Specs.Tree("drained", "max");
        await using (var silo = await folder.Start())
        {
            await silo.Grains.GetGrain<ISweepGrain>("drained").Submit(spec);
            await Until.True(() => folder.Runner.Count("train") == 1);
        }

        hold.Set();
        await using var next = await folder.Start();
        var sweep = next.Grains.GetGrain<ISweepGrain>("drained");
        await sweep.Submit(spec);

        Assert.Equal(4, (await Until.Ended(sweep)).Finished);
        Assert.Equal(1, folder.Runner.Resumed["train"]);
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_naming_the_process_and_is_free_after_it()
    {
        using var folder = new TestFolder();
        await using (await folder.Start())
        {
            var refused = await Assert.ThrowsAsync<FolderInUseException>(() => folder.Start());
            Assert.Equal(Environment.ProcessId, refused.Pid);
            Assert.Contains($"process {Environment.ProcessId}", refused.Message);
        }

        await using var next = await folder.Start();
    }

    [Fact]
    public void A_lock_that_a_dead_process_left_is_taken_over()
    {
        using var folder = new TestFolder();
        using var died = Process.Start(new ProcessStartInfo("true") { UseShellExecute = false })!;
        died.WaitForExit();
        File.WriteAllText(Path.Combine(folder.Path, "silo.lock"), "");
        File.WriteAllText(Path.Combine(folder.Path, "silo.pid"), $"{died.Id}");

        using var taken = FolderLock.Take(folder.Path);

        Assert.Equal($"{Environment.ProcessId}", File.ReadAllText(Path.Combine(folder.Path, "silo.pid")));
    }

    [Fact]
    public async Task An_option_out_of_range_stops_the_start_and_gives_the_folder_back()
    {
        using var folder = new TestFolder();

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => folder.Start(slots: 65));
        Assert.Contains("SlotsPerDevice", refused.Message);

        foreach (var (key, value) in new[] { ("Steps", "0"), ("Interval", "01:00:01"), ("CostShare", "1.5") })
        {
            refused = await Assert.ThrowsAsync<OptionsValidationException>(() => EmbeddedSilo.StartAsync(
                new() { Folder = folder.Path, Settings = new Dictionary<string, string?> { [$"Checkpoints:{key}"] = value } }, cancellationToken: TestContext.Current.CancellationToken));
            Assert.Contains(key, refused.Message);
        }

        await using var silo = await folder.Start();
        Assert.True(File.Exists(Path.Combine(folder.Path, "silo.log")));
    }

    /// <summary>The files of a process that was killed while it fine-tuned the sweep's sparse variant.</summary>
    private static async Task<TestFolder> LeftByAKillInFinetune(SweepSpec spec)
    {
        using var folder = new TestFolder();
        using var never = new ManualResetEventSlim();
        folder.Runner.Hold<FinetuneStage>(never);
        await using var killed = await folder.Start();
        await killed.Grains.GetGrain<ISweepGrain>(spec.Sweep).Submit(spec);
        await Until.True(() => folder.Runner.Count("finetune") == 1);
        return folder.AsLeftByAKill();
    }

    private sealed class NextDay : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddDays(1);
    }
}
