using System.Diagnostics;
using System.Globalization;
using SparseGrid.Client;
using SparseGrid.Grains.Artifacts;

namespace SparseGrid.Benchmarks.Grid;

/// <summary>From the start of a process to its first running stage: runtime, embedded silo on a folder of its own, submission. A process each time.</summary>
internal static class ColdStart
{
    public static void Run(int rounds)
    {
        var milliseconds = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var folder = Directory.CreateTempSubdirectory("sparsegrid-cold-").FullName;
            using var child = Process.Start(new ProcessStartInfo("dotnet", [typeof(ColdStart).Assembly.Location, "grid-first", folder]) { RedirectStandardOutput = true })!;
            milliseconds.Add(double.Parse(child.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture));
            child.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }

        milliseconds.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"process start to first stage, embedded silo, {rounds} processes: median {milliseconds[rounds / 2]:f0} ms [{milliseconds[0]:f0}, {milliseconds[^1]:f0}]"));
    }

    /// <summary>The process that is timed.</summary>
    public static async Task First(string folder)
    {
        var stages = new NoOpStages(new FolderArtifactStore(folder), everyStage: false);
        await using var grid = await GridHost.Start("sqlite", folder, 1, stages, new(), null);
        await new SweepClient(grid.Grains).Submit(NoOpSweeps.Of("first", 10));
        await stages.First.Task;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds}"));
        await Console.Out.FlushAsync();
    }
}
