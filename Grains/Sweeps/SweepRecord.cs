using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Sweeps;

/// <summary>
/// What a sweep stores of itself, written when a user or its end changes it: small however many trials it has. Where those stand is in <see cref="TrialPage"/>s;
/// plan and rows are made again from all of it and from the results.
/// </summary>
[GenerateSerializer, Alias("sparsegrid.sweep-record"), StateSchema("sweep", 2)]
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

    /// <summary>One byte a trial, as versions before pages kept them; empty since.</summary>
    [Id(4)]
    public byte[] Trials { get; set; } = [];

    /// <summary>Messages beside <see cref="Trials"/>; empty since.</summary>
    [Id(5)]
    public SortedDictionary<int, string> Failures { get; set; } = [];

    /// <summary>Stage kind to how many were executed for this sweep, as versions before pages counted; the pages' counts come on top.</summary>
    [Id(6)]
    public SortedDictionary<string, int> Executed { get; set; } = [];

    /// <summary>Stage kind to how many were answered by a record, likewise.</summary>
    [Id(7)]
    public SortedDictionary<string, int> Reused { get; set; } = [];

    /// <summary>When it was submitted last.</summary>
    [Id(8)]
    public DateTimeOffset Submitted { get; set; }

    /// <summary>When it ended; null while it is active.</summary>
    [Id(9)]
    public DateTimeOffset? Ended { get; set; }

    /// <summary>Failed attempts beside <see cref="Trials"/>; empty since.</summary>
    [Id(10)]
    public SortedDictionary<int, FailedAttempts> Attempts { get; set; } = [];

    /// <summary>What it was before it was submitted with another spec, or with other data; null where it never was.</summary>
    [Id(11)]
    public FormerSubmission? Former { get; set; }

    /// <summary>Grows with each submission that begins anew, also of a sweep that was forgotten in between; pages of an earlier one say nothing.</summary>
    [Id(12)]
    public long Submission { get; set; }
}
