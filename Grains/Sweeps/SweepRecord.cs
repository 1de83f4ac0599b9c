using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Sweeps;

/// <summary>What a sweep stores: small however many trials it has. Plan and rows are made again from it and from the results.</summary>
[GenerateSerializer, Alias("sparsegrid.sweep-record"), StateSchema("sweep", 1)]
public sealed class SweepRecord
{
    /// <summary>The spec; null before the first submission.</summary>
    [Id(0)]
    public SweepSpec? Spec { get; set; }

    /// <summary>What the plan was made with beside the spec.</summary>
    [Id(1)]
    public PlanInputs? Inputs { get; set; }

    /// <summary>Where the sweep stands.</summary>
    [Id(2)]
    public SweepState State { get; set; }

    /// <summary>Grows with every change.</summary>
    [Id(3)]
    public long Revision { get; set; }

    /// <summary>One byte a trial, see <see cref="TrialBoard"/>.</summary>
    [Id(4)]
    public byte[] Trials { get; set; } = [];

    /// <summary>Message of each trial whose own variant failed.</summary>
    [Id(5)]
    public SortedDictionary<int, string> Failures { get; set; } = [];

    /// <summary>Stage kind to how many were executed for this sweep.</summary>
    [Id(6)]
    public SortedDictionary<string, int> Executed { get; set; } = [];

    /// <summary>Stage kind to how many were answered by a record.</summary>
    [Id(7)]
    public SortedDictionary<string, int> Reused { get; set; } = [];

    /// <summary>When it was submitted last.</summary>
    [Id(8)]
    public DateTimeOffset Submitted { get; set; }

    /// <summary>When it ended; null while it is active.</summary>
    [Id(9)]
    public DateTimeOffset? Ended { get; set; }

    /// <summary>Failed attempts by the first trial of the variant; gone when the variant finishes or is retried.</summary>
    [Id(10)]
    public SortedDictionary<int, FailedAttempts> Attempts { get; set; } = [];
}
