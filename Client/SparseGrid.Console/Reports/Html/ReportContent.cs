using SparseGrid.Console.Exports;
using SparseGrid.Contracts.Spec;
using SparseGrid.Grains.Results;

namespace SparseGrid.Console.Reports.Html;

/// <summary>What a report is made of.</summary>
/// <param name="Command">The command that makes it again.</param>
/// <param name="Flips">Reads an artifact of flipped images; null where it is not there any more.</param>
public sealed record ReportContent(SweepSpec Spec, ResultDocument Document, string Command, Func<string, FlippedImages?> Flips);
