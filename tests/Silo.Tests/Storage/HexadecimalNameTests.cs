using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Collection;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Tests.Doubles;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Silo.Tests.Storage;

/// <summary>Names of sweeps that read as numbers: dates, words of the letters a to f. The tables place such keys as numbers.</summary>
public sealed class HexadecimalNameTests
{
    private static readonly string[] Names =
    [
        "1", "01", "001", "20261123", "cafe", "0cafe", "fade-1", "ffffffffffffffff", "00000000000000000000cafe", "deadbeefdeadbeefdeadbeefdeadbeef", "night",
    ];

    [Fact]
    public async Task Each_has_a_record_of_its_own_and_is_listed_by_its_name()
    {
        using var folder = new TestFolder();
        await using var silo = await folder.Start();
        var storage = silo.Services.GetRequiredService<IGrainStorage>();
        foreach (var name in Names)
            await storage.WriteStateAsync("stage", GrainId.Create("stage", name), new GrainState<StageState>(new(null, name, default)));

        foreach (var name in Names)
        {
            var read = new GrainState<StageState>();
            await storage.ReadStateAsync("stage", GrainId.Create("stage", name), read);
            Assert.Equal(name, read.State!.Owner);
        }

        var listed = StateRecords.OfDatabase(Path.Combine(folder.Path, "grid.db")).Where(record => record.Kind == "stage").Select(record => record.Key);
        Assert.Equal(Names.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_sweeps_whose_names_are_one_number_do_not_write_over_each_other()
    {
        using var folder = new TestFolder();
        string[] names = ["7", "07"];
        await using (var silo = await folder.Start())
        {
            foreach (var name in names)
            {
                var sweep = silo.Grains.GetGrain<ISweepGrain>(name);
                Assert.True((await sweep.Submit(Specs.Tree(name, "max"))).Accepted);
                Assert.Equal((SweepState.Finished, 4), ((await Until.Ended(sweep)).State, (await sweep.Status()).Finished));
            }
        }

        await using var again = await folder.Start();
        foreach (var name in names)
            Assert.Equal(name, (await again.Grains.GetGrain<ISweepGrain>(name).Spec())!.Sweep);
    }

    [Fact]
    public async Task A_garbage_collection_knows_each_of_them()
    {
        using var folder = new TestFolder();
        await using var silo = await folder.Start();
        foreach (var name in new[] { "cafe", "beef", "20261123" })
        {
            var sweep = silo.Grains.GetGrain<ISweepGrain>(name);
            Assert.True((await sweep.Submit(Specs.Tree(name, "max") with { Replicates = name.Length / 4 })).Accepted);
            await Until.Ended(sweep);
        }

        var needed = Reachability.Of(StateRecords.OfDatabase(Path.Combine(folder.Path, "grid.db")), keepStale: false);

        Assert.Equal((3, 0), (needed.Sweeps, needed.StaleResults.Count));
    }
}
