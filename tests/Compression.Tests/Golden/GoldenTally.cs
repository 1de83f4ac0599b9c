using System.Collections.Concurrent;
using System.Globalization;
using SparseGrid.Compression.Tests.Golden;

[assembly: AssemblyFixture(typeof(GoldenTally))]

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>What was compared with the recorded cases: at the end of a run golden-summary.txt beside the tests holds a line per index, and the reasons
/// of what was skipped.</summary>
public sealed class GoldenTally : IDisposable
{
    private readonly ConcurrentQueue<(string Index, double Error, string? Skipped)> entries = [];

    /// <param name="largestError">NaN where the documented behaviour, and not the reference's, was asserted.</param>
    public void Ran(string index, double largestError) => entries.Enqueue((index, largestError, null));

    public void Skipped(string index, string reason) => entries.Enqueue((index, 0, reason));

    public void Dispose()
    {
        var lines = new List<string>();
        foreach (var family in entries.GroupBy(entry => entry.Index).OrderBy(family => family.Key, StringComparer.Ordinal))
        {
            var ran = family.Where(entry => entry.Skipped is null).ToArray();
            var largest = ran.Select(entry => entry.Error).Where(error => !double.IsNaN(error)).DefaultIfEmpty().Max();
            var apart = ran.Count(entry => double.IsNaN(entry.Error));
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"golden {family.Key}: {ran.Length - apart} of {family.Count()} cases equal the reference, {apart} differ as documented, {family.Count() - ran.Length} skipped, largest error {largest:G3}"));
            lines.AddRange(family.Where(entry => entry.Skipped is not null).GroupBy(entry => entry.Skipped)
                .OrderBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => $"  skipped {reason.Count()}: {reason.Key}"));
        }

        if (lines.Count > 0)
            File.WriteAllLines(Path.Combine(AppContext.BaseDirectory, "golden-summary.txt"), lines);
    }
}
