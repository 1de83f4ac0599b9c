using Microsoft.Extensions.DependencyInjection;
using SparseGrid.Grains.Artifacts;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Sweeps;
using SparseGrid.Grains.Tests.Doubles;
using SparseGrid.Silo.Embedding;

namespace SparseGrid.Silo.Tests;

/// <summary>A folder with embedded silos that run recording stages; deleted at the end.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        Path = Directory.CreateTempSubdirectory("sparsegrid-silo-").FullName;
        Runner = new(new FolderArtifactStore(Path), new FolderCheckpointStore(Path));
    }

    public string Path { get; }

    /// <summary>As if on a machine of its own: stages that a test holds would hold up the measurements of others.</summary>
    private string Devices => Path + "-devices";

    public RecordingRunner Runner { get; }

    public PlainSurroundings Surroundings { get; } = new();

    public Task<EmbeddedSilo> Start(int slots = 1, Action<IServiceCollection>? configure = null) => EmbeddedSilo.StartAsync(
        new() { Folder = Path, Slots = slots }, services =>
    {
        services.AddSingleton<IStageRunner>(Runner);
        services.AddSingleton<IPlanInputs>(Surroundings);
        services.AddSingleton<IExecutionEnvironment>(Surroundings);
        services.AddSingleton<IResultAssembler>(Surroundings);
        services.Configure<Grains.GridOptions>(options => options.SweepPeriod = TimeSpan.FromMilliseconds(200));
        services.Configure<DeviceOptions>(device => device.LockFolder = Devices);
        configure?.Invoke(services);
    });

    /// <summary>The files as a process that is killed now would leave them.</summary>
    public TestFolder AsLeftByAKill()
    {
        var copy = new TestFolder();
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(copy.Path, System.IO.Path.GetRelativePath(Path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            if (System.IO.Path.GetFileName(file) != "silo.lock")
                File.Copy(file, target);
        }

        return copy;
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        if (Directory.Exists(Devices))
            Directory.Delete(Devices, recursive: true);
    }
}
