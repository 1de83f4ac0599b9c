namespace SparseGrid.Contracts.Grains;

/// <summary>One model variant; its key is the SHA-256 of its recipe. It remembers which run owns it and tells the sweeps that watch.</summary>
[Alias("sparsegrid.IVariantGrain")]
public interface IVariantGrain : IGrainWithStringKey
{
    /// <summary>Takes a slot and starts the run, or joins the one that is under way. Short, and safe to repeat.</summary>
    /// <returns>How it was taken; a refusal says why, and the caller gives the slot back.</returns>
    [Alias("Start")]
    Task<StartAnswer> Start(Assignment assignment);

    /// <summary>A sweep no longer wants the run. It writes a checkpoint and ends once no other sweep wants it. Safe to repeat.</summary>
    /// <returns>True where the run ends and its last report will say so; false where nothing runs, or runs on for another sweep.</returns>
    [Alias("Stop")]
    Task<bool> Stop(string sweep);

    /// <summary>Like <see cref="Stop"/>, but the run ends without a checkpoint, and its slot is free within seconds.</summary>
    [Alias("StopNow")]
    Task<bool> StopNow(string sweep);

    /// <summary>News from the slot that runs it. A stale epoch or a repeat changes nothing.</summary>
    /// <returns>False where the run no longer owns the variant and must end without committing.</returns>
    [Alias("Report")]
    Task<bool> Report(VariantReport report);
}
