using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Grains.Tests.Doubles;

/// <summary>A grid of one or more silos in this process, with storage that outlives the silos and a folder of its own.</summary>
public sealed class TestGrid : IAsyncDisposable
{
    private TestGrid(InProcessTestCluster cluster, SharedStorage storage, string folder, RecordingRunner runner, PlainSurroundings surroundings) =>
        (Cluster, Storage, Folder, Runner, Surroundings) = (cluster, storage, folder, runner, surroundings);

    public InProcessTestCluster Cluster { get; }

    public SharedStorage Storage { get; }

    public string Folder { get; }

    public RecordingRunner Runner { get; }

    public PlainSurroundings Surroundings { get; }

    public IGrainFactory Grains => Cluster.Client;

    public static async Task<TestGrid> Start(
        int slots = 1, short silos = 1, Action<GridOptions>? configure = null, Func<IIncomingGrainCallContext, Task>? around = null,
        Func<string, (IExecutionEnvironment Environment, int Slots)>? each = null)
    {
        var folder = Directory.CreateTempSubdirectory("sparsegrid-test-").FullName;
        var (artifacts, checkpoints) = (new FolderArtifactStore(folder), new FolderCheckpointStore(folder));
        var (runner, surroundings) = (new RecordingRunner(artifacts, checkpoints), new PlainSurroundings());

        var storage = new SharedStorage();
        var builder = new InProcessTestClusterBuilder(silos);
#pragma warning disable ORLEANSEXP003 // Experimental, and what the product uses.
        builder.Options.UseDistributedGrainDirectory = true;
#pragma warning restore ORLEANSEXP003
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((own, silo) =>
        {
            var (environment, offered) = each?.Invoke(own.SiloName) ?? (surroundings, slots);
            storage.AddTo(silo);
            silo.UseInMemoryReminderService();
            silo.AddSparseGrid();
            if (around is not null)
                silo.AddIncomingGrainCallFilter(context => around(context));
            silo.Services.AddSingleton<IArtifactStore>(artifacts);
            silo.Services.AddSingleton<ICheckpointStore>(checkpoints);
            silo.Services.AddSingleton<IStageRunner>(runner);
            silo.Services.AddSingleton<IPlanInputs>(surroundings);
            silo.Services.AddSingleton(environment);
            silo.Services.AddSingleton<ComputeEnvironments>();
            silo.Services.AddSingleton<IResultAssembler>(surroundings);
            silo.Services.Configure<DeviceOptions>(device =>
            {
                // As if on a machine of its own: stages that another test holds would hold up this one's measurements.
                (device.SlotsPerDevice, device.LockFolder) = (offered, Path.Combine(folder, "devices"));
            });
            silo.Services.Configure<GridOptions>(options =>
            {
                // Short, so that what waits for a tick does not make the tests wait.
                options.SweepPeriod = TimeSpan.FromMilliseconds(100);
                options.ProgressPeriod = TimeSpan.FromMilliseconds(20);
                options.ReportPeriod = TimeSpan.FromMilliseconds(200);
                options.StageWait = TimeSpan.FromMilliseconds(50);
                configure?.Invoke(options);
            });
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new(cluster, storage, folder, runner, surroundings);
    }

    public ISweepGrain Sweep(string name) => Grains.GetGrain<ISweepGrain>(name);

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
