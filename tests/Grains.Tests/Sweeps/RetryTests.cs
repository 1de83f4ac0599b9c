#pragma warning disable CA2201 // What the runtime and TorchSharp throw is thrown here too.
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Stages;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Sweeps;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Sweeps;

/// <summary>What follows a failure of each class, through real runs of stages that throw what the libraries throw.</summary>
public sealed class RetryTests
{
    private const string CudaMemory = "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.10 GiB of which 3.10 GiB is free.";
    private const int NoSpace = 28;

    public static TheoryData<string, FailureClass, int> Classes => new()
    {
        { "host memory", FailureClass.OutOfMemory, 3 },
        { "CUDA memory", FailureClass.OutOfMemory, 3 },
        { "no space", FailureClass.Storage, 6 },
        { "not finite", FailureClass.NotFinite, 1 },
        { "bad input", FailureClass.BadInput, 1 },
        { "code", FailureClass.Code, 1 },
        { "no progress", FailureClass.Timeout, 2 },
        { "too long", FailureClass.Timeout, 2 },
    };

    [Theory]
    [MemberData(nameof(Classes))]
    public async Task A_failure_is_tried_again_as_its_class_says_and_then_told_with_class_and_attempts(string what, FailureClass expected, int attempts)
    {
        await using var grid = await TestGrid.Start(configure: options =>
        {
            Quick(options);
            if (what == "no progress")
                options.StageStall = TimeSpan.FromMilliseconds(200);
            if (what == "too long")
                options.StageLimit = TimeSpan.FromMilliseconds(200);
        });
        grid.Runner.Before = (request, stop) =>
        {
            if (request.Stage is TrainStage)
                Throw(what, stop);
        };
        var sweep = grid.Sweep("failing");
        await sweep.Submit(Specs.Tree("failing", "max"));

        var status = await Until.Ended(sweep);
        var rows = await sweep.Rows(0, 10);

        Assert.Equal((SweepState.Finished, 4), (status.State, status.Failed));
        Assert.Equal(attempts, grid.Runner.Count("train"));
        Assert.Equal((expected, attempts), (rows[0].FailureClass, rows[0].Attempts));
        Assert.All(rows, row => Assert.Equal(expected, row.FailureClass));
        Assert.Equal(KeyValuePair.Create(expected, 4), Assert.Single(status.FailedBy!));
        Assert.Equal(0, status.Retrying);
    }

    [Theory]
    [InlineData("host memory")]
    [InlineData("no space")]
    [InlineData("device")]
    public async Task The_next_attempt_runs_on_another_silo_and_a_success_leaves_no_trace(string what)
    {
        var failedOn = new ConcurrentQueue<string>();
        await using var grid = await TestGrid.Start(silos: 2, configure: Quick, around: context =>
        {
            if (context is { Grain: IVariantGrain, MethodName: nameof(IVariantGrain.Report) } && context.Request.GetArgument(0) is VariantReport { Outcome.Kind: RunEnd.Failed } report)
                failedOn.Enqueue(report.Silo);
            return context.Invoke();
        });
        grid.Runner.Before = (request, stop) =>
        {
            if (request.Stage is TrainStage && grid.Runner.Count("train") == 1)
                Throw(what, stop);
        };
        var sweep = grid.Sweep("moving");
        await sweep.Submit(Specs.Tree("moving", "max"));

        var status = await Until.Ended(sweep);
        var rows = await sweep.Rows(0, 10);

        Assert.Equal((4, 0), (status.Finished, status.Failed));
        Assert.Null(status.FailedBy);
        Assert.Equal(2, grid.Runner.Count("train"));
        Assert.NotEqual(Assert.Single(failedOn), rows[0].Result!.Stages.Single(stage => stage.Kind == "train").Provenance.Silo);
        Assert.All(rows, row => Assert.Equal((null, 0), (row.FailureClass, row.Attempts)));
    }

    [Fact]
    public async Task Only_trials_of_the_asked_classes_run_again()
    {
        await using var grid = await TestGrid.Start(configure: Quick);
        var mended = false;
        grid.Runner.Before = (request, _) =>
        {
            if (!mended && request.Stage is FinetuneStage)
                throw new OutOfMemoryException();
            if (!mended && request.Stage is CalibrateStage)
                throw new InvalidDataException("the data do not fit");
        };
        var sweep = grid.Sweep("classes");
        await sweep.Submit(Specs.Tree("classes", "max"));
        var status = await Until.Ended(sweep);
        Assert.Equal((1, 2, 1), (status.Finished, status.FailedBy![FailureClass.OutOfMemory], status.FailedBy[FailureClass.BadInput]));

        var none = await sweep.Retry([FailureClass.Timeout]);
        Assert.Equal((false, "No trial of sweep 'classes' has failed by timeout; there are 1 by out-of-memory, 1 by bad-input."), (none.Accepted, none.Reason));

        mended = true;
        var answer = await sweep.Retry([FailureClass.OutOfMemory]);
        Assert.True(answer.Accepted, answer.Reason);
        status = await Until.Ended(sweep);
        Assert.Equal((3, 1), (status.Finished, status.Failed));
        Assert.Equal(1, status.FailedBy![FailureClass.BadInput]);
        Assert.Equal(1, grid.Runner.Count("train"));

        Assert.True((await sweep.Retry([])).Accepted);
        Assert.Equal(4, (await Until.Ended(sweep)).Finished);
    }

    [Fact]
    public async Task A_silo_that_cannot_write_artifacts_takes_nothing_until_it_can_and_the_status_says_why()
    {
        await using var grid = await TestGrid.Start(configure: Quick);
        var inTheWay = Path.Combine(grid.Folder, "artifacts");
        File.WriteAllText(inTheWay, "a file where the store wants its folder");
        var sweep = grid.Sweep("blocked");
        await sweep.Submit(Specs.Tree("blocked", "max"));

        var status = await Until.True(sweep.Status, status => status.Trouble is not null);
        Assert.Matches($"^silo .+ takes nothing: .*{inTheWay}", status.Trouble);
        Assert.Equal((1, 0), (status.Retrying, status.Failed));
        var begun = grid.Runner.Count("train");

        File.Delete(inTheWay);
        status = await Until.Ended(sweep);
        Assert.Equal((4, 0, begun + 1), (status.Finished, status.Failed, grid.Runner.Count("train")));
        Assert.Null(status.Trouble);
    }

    [Fact]
    public async Task Attempts_outlast_the_coordinator()
    {
        await using var grid = await TestGrid.Start(configure: Quick);
        using var hold = new ManualResetEventSlim();
        grid.Runner.Before = (request, stop) =>
        {
            if (request.Stage is not TrainStage)
                return;
            if (grid.Runner.Count("train") == 2)
                hold.Wait(stop);
            throw new OutOfMemoryException();
        };
        var sweep = grid.Sweep("outlasting");
        await sweep.Submit(Specs.Tree("outlasting", "max"));
        var status = await Until.True(sweep.Status, status => status.Retrying == 1 && grid.Runner.Count("train") == 2);
        Assert.Equal(0, status.Failed);

        await grid.Cluster.DeactivateAsync(sweep);
        hold.Set();

        await Until.Ended(sweep);
        Assert.Equal(3, (await sweep.Rows(0, 1))[0].Attempts);
        Assert.Equal(3, grid.Runner.Count("train"));
    }

    [Fact]
    public void A_ledger_counts_each_class_by_itself_pauses_longer_each_time_and_forgets_on_success()
    {
        var stored = new SortedDictionary<int, FailedAttempts>();
        var (options, silo, start) = (new GridOptions(), SiloAddress.New(new(global::System.Net.IPAddress.Loopback, 1), 1), TimeSpan.FromHours(1));
        var ledger = new RetryLedger(stored, options);

        Assert.True(ledger.RunsAgain(0, FailureClass.Storage, silo, start));
        Assert.True(ledger.Rests(0, start + options.RetryPause - TimeSpan.FromTicks(1)));
        Assert.False(ledger.Rests(0, start + options.RetryPause));
        Assert.True(ledger.RunsAgain(0, FailureClass.Storage, silo, start));
        Assert.True(ledger.Rests(0, start + (1.9 * options.RetryPause)));
        Assert.Equal([silo], ledger.Avoided(0));

        ledger = new(stored, options);
        Assert.Equal((2, FailureClass.Storage), (ledger.Count(0), ledger.Last(0)));
        Assert.True(ledger.RunsAgain(0, FailureClass.OutOfMemory, null, start));
        Assert.True(ledger.RunsAgain(0, FailureClass.OutOfMemory, null, start));
        Assert.False(ledger.RunsAgain(0, FailureClass.OutOfMemory, null, start));
        ledger.Forget(0);
        Assert.Equal((0, null, true), (ledger.Count(0), ledger.Last(0), ledger.Avoided(0).IsEmpty));

        Assert.False(new RetryLedger(stored, new() { WaitForStorage = false }).RunsAgain(1, FailureClass.Storage, silo, start));
    }

    private static void Quick(GridOptions options) => options.RetryPause = TimeSpan.FromMilliseconds(10);

    private static void Throw(string what, CancellationToken stop)
    {
        switch (what)
        {
            case "host memory": throw new OutOfMemoryException();
            case "CUDA memory": throw new ExternalException(CudaMemory);
            case "device": throw new ExternalException("CUDA error: an illegal memory access was encountered");
            case "no space": throw new StageFailedException("artifacts/ab cannot be written", new IOException("No space left on device", NoSpace));
            case "not finite": throw new StageFailedException("…", new ArgumentException("The activation 'conv1' holds NaN or infinite values in batch 3: ranges can be calibrated from finite ones only."));
            case "bad input": throw new InvalidDataException("line 3 of digits.csv has 64 values, not 65");
            case "code": throw new InvalidOperationException("Sequence contains no elements");
            default:
                stop.WaitHandle.WaitOne();
                throw new OperationCanceledException(stop);
        }
    }
}
