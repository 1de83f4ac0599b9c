using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Grains.Slots;

/// <summary>The slots of this silo. Owns the runs: a grain that is activated anew finds its run here.</summary>
public interface ISlotHost
{
    /// <summary>Takes a variant's run on a free slot and returns at once.</summary>
    /// <returns>Null where it was taken; otherwise why not.</returns>
    string? Take(Assignment assignment, int epoch);

    /// <summary>True while that run is on a slot, its last report included.</summary>
    bool Runs(VariantId variant, int epoch);

    /// <summary>Lets a variant's run write a checkpoint and end; nothing happens where it does not run here.</summary>
    void Stop(VariantId variant);

    /// <summary>Lets a variant's run end without a checkpoint. Where a step of it lasts too long its slot is taken from it: the step ends by itself, and counts for nothing.</summary>
    void StopNow(VariantId variant);
}
