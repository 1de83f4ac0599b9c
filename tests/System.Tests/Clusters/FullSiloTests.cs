using System.Text.Json;
using SparseGrid.System.Tests.Processes;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>One silo of two has a disk that is really full where artifacts go: its variants go elsewhere, and it takes none until there is room.</summary>
public sealed class FullSiloTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FullSiloTests() => folder.Write("quick.yaml", Specs.Quick());

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_silo_without_room_for_artifacts_takes_nothing_until_there_is_some_and_others_do_its_work()
    {
        Assert.SkipWhen(PrivateMounts.WhyNot is not null, PrivateMounts.WhyNot ?? "");
        Assert.SkipWhen(PrivateMounts.WhyNoOverlay is not null, PrivateMounts.WhyNoOverlay ?? "");

        // The silo 'full' sees the shared artifacts through a layer of its own, which takes what it writes and has 64 KiB.
        await PrivateMounts.Run(folder.Path, """
            export TMPDIR="$PWD/tmp"; mkdir -p tmp grid/artifacts layer
            unshare -m sh -ec '
                mount -t tmpfs -o size=64k tmpfs layer; mkdir layer/new layer/work
                mount -t overlay -o lowerdir=grid/artifacts,upperdir=layer/new,workdir=layer/work overlay grid/artifacts
                exec "$@"' sh "$@" silo --folder grid --name full > full.out 2>&1 & full=$!
            until grep -q 'has joined' full.out; do kill -0 $full; sleep 0.1; done
            "$@" submit quick.yaml --folder grid > /dev/null
            until grep -q 'takes nothing until' grid/full.log; do kill -0 $full; sleep 0.1; done
            nsenter -m -t $full find "$PWD/grid/artifacts" -type f > left.out
            until "$@" ls --folder grid | tee ls.out | grep -q 'takes nothing:'; do kill -0 $full; done

            "$@" silo --folder grid --name roomy > roomy.out 2>&1 & roomy=$!
            "$@" watch quick --folder grid > watch.out
            "$@" show quick --folder grid --json > show.json

            nsenter -m -t $full mount -o remount,size=50m "$PWD/layer"
            until grep -q 'takes variants again' grid/full.log; do kill -0 $full; sleep 0.1; done
            kill -TERM $full $roomy; wait $full $roomy
            """);

        Assert.Empty(Read("left.out"));
        Assert.Matches(@"quick: silo full takes nothing: [^\n]*/grid/artifacts/[^\n]* cannot be written, [\d,]+ bytes are free there: No space left on device", Read("ls.out"));
        using var document = JsonDocument.Parse(Read("show.json"));
        var run = new SweepRun(document.RootElement.Clone());
        await using var undisturbed = await SparseGridProcess.Run(folder.Path, "run", "quick.yaml", "--folder", "undisturbed", "--json");
        Assert.Equal(new SweepRun(undisturbed.Document).Artifacts, run.Artifacts);
        Assert.All(run.Results, result => Assert.Equal("roomy", result.GetProperty("stages")[0].GetProperty("provenance").GetProperty("silo").GetString()));
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(folder.Path, file));
}
