namespace SparseGrid.Compression.Training;

/// <summary>The learning rate over a whole training.</summary>
/// <param name="Peak">Learning rate after the warm-up.</param>
/// <param name="WarmupSteps">Steps of linear rise from Peak / WarmupSteps to Peak.</param>
/// <param name="TotalSteps">Steps of the whole training.</param>
/// <param name="StepLength">Steps between two drops of the step form.</param>
/// <param name="StepFactor">Factor of one drop.</param>
public sealed record TrainingSchedule(ScheduleForm Form, double Peak, long WarmupSteps, long TotalSteps, long StepLength, double StepFactor)
{
    /// <summary>Learning rate of one step, counted from 0.</summary>
    /// <remarks>Cosine: Loshchilov and Hutter, "SGDR", arXiv:1608.03983, eq. 5 with one cycle and a final rate of 0.</remarks>
    public double At(long step)
    {
        if (step < WarmupSteps)
            return Peak * (step + 1) / WarmupSteps;

        var done = step - WarmupSteps;
        return Form switch
        {
            ScheduleForm.Cosine => Peak * 0.5 * (1 + Math.Cos(Math.PI * done / Math.Max(1, TotalSteps - WarmupSteps))),
            ScheduleForm.Step => Peak * Math.Pow(StepFactor, done / Math.Max(1, StepLength)),
            _ => Peak,
        };
    }
}
