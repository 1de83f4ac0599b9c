using System.ComponentModel.DataAnnotations;

namespace SparseGrid.Grains.Stages;

/// <summary>
/// How often stages that last (train, finetune, collect) write checkpoints. A checkpoint saves time and decides nothing: no value here changes a result.
/// </summary>
public sealed class CheckpointOptions
{
    /// <summary>Steps of a training, or batches of a collect stage, after which a checkpoint is due, 1 to 1,000,000. Default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int Steps { get; set; } = 1000;

    /// <summary>Time after which a checkpoint is due where the steps have not come first, 0.1 s to 1 h. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Share of the time that checkpoints may take, 0.001 to 1: one that is due waits (1 / share − 1) times as long as the last one took. Default 0.02, which
    /// is 49 times; 1 never waits.
    /// </summary>
    [Range(0.001, 1.0)]
    public double CostShare { get; set; } = 0.02;
}
