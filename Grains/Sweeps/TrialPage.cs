using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What is stored of a stretch of a sweep's trials. Written when one of them changes; a page that is lost or stale costs a look at the results.</summary>
[GenerateSerializer, Alias("sparsegrid.trial-page"), StateSchema("trial page", 1)]
public sealed class TrialPage
{
    /// <summary>Trials of a page.</summary>
    public const int Size = 500;

    /// <summary>Which submission of the sweep it belongs to, see <see cref="SweepRecord.Submission"/>; a page of another says nothing.</summary>
    [Id(0)]
    public long Submission { get; set; }

    /// <summary>One byte a trial, see <see cref="TrialBoard"/>.</summary>
    [Id(1)]
    public byte[] Trials { get; set; } = [];

    /// <summary>Message of each trial whose own variant failed, by its index in the sweep.</summary>
    [Id(2)]
    public SortedDictionary<int, string> Failures { get; set; } = [];

    /// <summary>Stage kind to how many were executed for trials of this page.</summary>
    [Id(3)]
    public SortedDictionary<string, int> Executed { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Stage kind to how many were answered by a record for trials of this page.</summary>
    [Id(4)]
    public SortedDictionary<string, int> Reused { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Failed attempts by the first trial of the variant; gone when the variant finishes or is retried.</summary>
    [Id(5)]
    public SortedDictionary<int, FailedAttempts> Attempts { get; set; } = [];
}
