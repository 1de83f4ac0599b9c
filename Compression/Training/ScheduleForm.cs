namespace SparseGrid.Compression.Training;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum ScheduleForm
{
    /// <summary>Stays at its peak.</summary>
    Constant,

    /// <summary>Falls to 0 along half a cosine.</summary>
    Cosine,

    /// <summary>Drops by a factor at equal distances.</summary>
    Step,
}
