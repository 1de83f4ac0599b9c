using Microsoft.Extensions.Time.Testing;
using SparseGrid.Compression.Training;

namespace SparseGrid.Compression.Tests.Training;

public sealed class CheckpointPaceTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void A_checkpoint_is_due_after_so_many_steps_counted_from_the_start_and_then_from_the_last_one() =>
        Assert.Equal([103, 106, 109], Written(Rule(steps: 3), from: 100, to: 110, secondsAStep: 0.001));

    [Fact]
    public void A_checkpoint_is_due_after_so_long_where_the_steps_have_not_come_first() =>
        Assert.Equal([10, 20, 30], Written(Rule(steps: 1000), from: 0, to: 35, secondsAStep: 1));

    [Fact]
    public void Checkpoints_that_take_long_come_so_seldom_that_they_keep_to_their_share() =>
        // 2 s each at a share of 0.02: 98 s between two, and the first one, whose cost nobody knows, in time.
        Assert.Equal([10, 108, 206], Written(Rule(steps: 1000), from: 0, to: 300, secondsAStep: 1, secondsACheckpoint: 2));

    [Fact]
    public void A_share_of_all_the_time_never_waits() =>
        Assert.Equal([1, 2, 3], Written(Rule(steps: 1, share: 1), from: 0, to: 3, secondsAStep: 1, secondsACheckpoint: 100));

    private CheckpointRule Rule(long steps, double share = 0.02) => new(steps, TimeSpan.FromSeconds(10), share, clock);

    private List<long> Written(CheckpointRule rule, long from, long to, double secondsAStep, double secondsACheckpoint = 0)
    {
        var written = new List<long>();
        var pace = rule.From(from);
        for (var step = from + 1; step <= to; step++)
        {
            clock.Advance(TimeSpan.FromSeconds(secondsAStep));
            pace.Offer(step, () =>
            {
                written.Add(step);
                clock.Advance(TimeSpan.FromSeconds(secondsACheckpoint));
            });
        }

        return written;
    }
}
