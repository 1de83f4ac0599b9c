using SparseGrid.Client;
using SparseGrid.Console.Clusters;
using SparseGrid.Console.Embedded;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Reports;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Origins;

namespace SparseGrid.Console.Commands;

/// <summary><c>sparsegrid why</c>: where a variant comes from, why its stages were or were not made again, and in what it differs from another.</summary>
public sealed class WhyCommand(Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start)
{
    /// <summary>Shows the tree of its inputs, or the first difference to another variant.</summary>
    /// <exception cref="InputException">There is no such sweep or variant; tells the nearest.</exception>
    public async Task<ExitCode> Run(WhyArguments arguments, CancellationToken stop)
    {
        await using var grid = await AnyGrid.Open(arguments.Cluster, start, stop);
        var client = new SweepClient(grid.Grains);
        var rows = await Known(client, arguments.Sweep, arguments.Cluster);
        var row = VariantChoice.Named(arguments.Variant, rows, "VARIANT");
        var origin = (await client.Origin(arguments.Sweep, row.Index))!;
        if (arguments.Other is null)
        {
            var former = await client.FormerOrigin(arguments.Sweep, row.Path);
            Write(arguments.Json ? [JsonDocuments.Text(new { origin, former })] : WhyReport.Tree(origin, former));
            return ExitCode.Done;
        }

        var otherSweep = arguments.OtherSweep ?? arguments.Sweep;
        var otherRows = arguments.OtherSweep is null ? rows : await Known(client, otherSweep, arguments.Cluster);
        var otherRow = VariantChoice.Named(arguments.Other, otherRows, "OTHER");
        var other = (await client.Origin(otherSweep, otherRow.Index))!;
        var difference = FirstDifference.Between(origin, other);
        Write(arguments.Json
            ? [JsonDocuments.Text(new { left = origin, right = other, firstDifference = difference?.Told(origin, other), difference?.Members, difference?.Follows })]
            : WhyReport.Difference(origin, other, difference, row, otherRow));
        return ExitCode.Done;
    }

    private static async Task<IReadOnlyList<TrialRow>> Known(SweepClient client, string sweep, ClusterSettings cluster)
    {
        var rows = await client.Rows(sweep);
        if (!rows.IsEmpty)
            return rows;

        var names = await client.Names();
        var near = NearWords.Of(sweep, names);
        throw new InputException($"There is no sweep '{sweep}' in {cluster.Folder}; "
            + (names.IsEmpty ? "none was submitted yet." : near.Count > 0 ? $"did you mean {string.Join(" or ", near)}?" : $"there are {string.Join(", ", names)}."));
    }

    private void Write(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            terminal.Out.WriteLine(line);
    }
}
