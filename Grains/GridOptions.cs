using System.ComponentModel.DataAnnotations;

namespace SparseGrid.Grains;

/// <summary>The grid's times: how long a right lasts, how often silos and runs are heard of.</summary>
public sealed class GridOptions
{
    /// <summary>How long the right to run a stage lasts without being renewed. Default 30 s; renewed at a third of it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StageLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest pause between two reports of a run. Default 3 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan ReportPeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Shortest pause between two progress reports of a run. Default 0.5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ProgressPeriod { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause between two looks at a stage that another run executes; the first looks come sooner. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan StageWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between two looks of a sweep at its trials. Default 1 s; news wakes it at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A running variant that nothing was heard of for so long is asked for. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SilenceLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time that a stopped sweep gives its runs to write checkpoints; then they end at once. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan StopDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time that a run has to come to the end of its step where it is to end at once; then its slot is taken from it. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a reserved slot is held for a start. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Reservation { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A silo that has not reported for so long has no slots. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan SiloExpiry { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A stage that makes no progress for so long is stopped and has failed. Default 30 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan StageStall { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A stage that runs for so long is stopped and has failed. Default a year, which is no limit.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "365.00:00:00")]
    public TimeSpan StageLimit { get; set; } = TimeSpan.FromDays(365);

    /// <summary>A stage that has not ended so long after it was stopped for its time hangs, and its process ends with code 70. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan StageGrace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause before a variant runs again that failed by what may pass (memory, storage); twice as long after each further failure. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>True (default) where a variant whose artifacts cannot be written runs again when they can; false where it fails at once.</summary>
    public bool WaitForStorage { get; set; } = true;

    /// <summary>True (default) where an active sweep goes on by itself after a restart of the cluster; false where it waits to be submitted again.</summary>
    public bool ResumeUnasked { get; set; } = true;
}
