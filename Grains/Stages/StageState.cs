using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Results;
using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Stages;

/// <summary>What is remembered of one stage: its record, or who may make it and until when.</summary>
/// <param name="Record">The committed record; the first one stays.</param>
/// <param name="Owner">Who has the right to run the stage; null for nobody.</param>
/// <param name="LeaseEnd">Until when, unless renewed.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage-state"), StateSchema("stage", 1)]
public sealed record StageState(StageRecord? Record, string? Owner, DateTimeOffset LeaseEnd)
{
    /// <summary>A stage that nobody has asked for.</summary>
    public StageState()
        : this(null, null, default)
    {
    }

    /// <summary>Answers a claim: the record where there is one; the right where it is free, lapsed, or the caller's already.</summary>
    /// <remarks>A lease that ends more than two leases from now was given by a clock that has been set back since: waiting for its end could take days.</remarks>
    public (StageState State, StageClaim Claim) Claimed(string owner, DateTimeOffset now, TimeSpan lease) =>
        Record is not null ? (this, new(Record, Granted: false))
        : Owner is null || now >= LeaseEnd || LeaseEnd - now > 2 * lease || StageOwner.Supersedes(owner, Owner)
            ? (this with { Owner = owner, LeaseEnd = now + lease }, new(null, Granted: true))
        : (this, new(null, Granted: false));

    /// <summary>Takes the first record and ends the lease; a later record changes nothing.</summary>
    public StageState Committed(StageRecord record) => Record is null ? new(record, null, default) : this;

    /// <summary>Forgets that record; nothing changes where there is another, or none.</summary>
    public StageState Dropped(StageRecord lost) => Record?.Provenance == lost.Provenance ? new() : this;

    /// <summary>Gives the right back; nothing changes where it is another's.</summary>
    public StageState Released(string owner) => Owner == owner ? this with { Owner = null, LeaseEnd = default } : this;
}
