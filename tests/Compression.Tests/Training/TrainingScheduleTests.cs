using SparseGrid.Compression.Training;

namespace SparseGrid.Compression.Tests.Training;

public sealed class TrainingScheduleTests
{
    [Fact]
    public void Warm_up_rises_in_equal_steps_to_the_peak()
    {
        var schedule = new TrainingSchedule(ScheduleForm.Constant, 0.4, 4, 10, 0, 0);
        Assert.Equal([0.1, 0.2, 0.3, 0.4, 0.4, 0.4], Enumerable.Range(0, 6).Select(step => Math.Round(schedule.At(step), 12)));
    }

    [Fact]
    public void Cosine_starts_at_the_peak_passes_half_of_it_and_ends_near_zero()
    {
        var schedule = new TrainingSchedule(ScheduleForm.Cosine, 1, 0, 100, 0, 0);
        Assert.Equal(1, schedule.At(0), 12);
        Assert.Equal(0.5, schedule.At(50), 12);
        Assert.InRange(schedule.At(99), 0, 0.001);
    }

    [Fact]
    public void Steps_drop_by_the_factor_at_equal_distances()
    {
        var schedule = new TrainingSchedule(ScheduleForm.Step, 1, 0, 100, 30, 0.1);
        Assert.Equal([1, 1, 0.1, 0.01], new long[] { 0, 29, 30, 89 }.Select(step => Math.Round(schedule.At(step), 12)));
    }
}
