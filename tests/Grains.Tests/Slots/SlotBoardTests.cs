using System.Net;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Tests.Slots;

public sealed class SlotBoardTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SiloAddress One = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress Two = SiloAddress.New(IPAddress.Loopback, 2, 1);

    private readonly SlotBoard board = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10));

    [Fact]
    public void Silos_that_have_left_are_forgotten_however_long_ago_they_were_heard_of()
    {
        var silos = Enumerable.Range(1, 100).Select(port => SiloAddress.New(IPAddress.Loopback, port, 1)).ToArray();
        foreach (var (silo, i) in silos.Select((silo, i) => (silo, i)))
            board.Report(new(silo, $"silo {i}", "cpu", 1, [], false), Start + TimeSpan.FromMinutes(i));

        board.Forget(silo => !silo.Equals(silos[^1]));

        Assert.Equal(1, board.Remembered);
    }

    [Fact]
    public void Slots_are_reserved_where_most_are_free_and_only_of_the_device_asked_for()
    {
        board.Report(Silo(One, slots: 1), Start);
        board.Report(Silo(Two, slots: 2), Start);

        Assert.Equal([Two, One, Two], board.Reserve("cpu", 5, Start));
        Assert.Empty(board.Reserve("cpu", 1, Start));
        Assert.Empty(board.Reserve("cuda", 1, Start));
    }

    [Fact]
    public void A_reservation_ends_by_release_by_time_or_by_the_run_that_it_was_for()
    {
        board.Report(Silo(One, slots: 1), Start);
        Assert.Single(board.Reserve("cpu", 1, Start));
        board.Release(One);
        Assert.Single(board.Reserve("cpu", 1, Start));
        Assert.Empty(board.Reserve("cpu", 1, Start.AddSeconds(9)));
        Assert.Single(board.Reserve("cpu", 1, Start.AddSeconds(10)));

        // The run came and went between two reports.
        Assert.True(board.Report(Silo(One, slots: 1) with { Started = 1 }, Start.AddSeconds(11)));
        Assert.Single(board.Reserve("cpu", 1, Start.AddSeconds(11)));
    }

    [Fact]
    public void A_silo_that_drains_falls_silent_or_is_full_has_no_slots()
    {
        board.Report(Silo(One, slots: 1) with { Draining = true }, Start);
        Assert.Empty(board.Reserve("cpu", 1, Start));
        board.Report(Silo(One, slots: 1) with { Running = [new VariantId("v")] }, Start);
        Assert.Empty(board.Reserve("cpu", 1, Start));
        Assert.True(board.Report(Silo(One, slots: 1), Start));
        Assert.Empty(board.Reserve("cpu", 1, Start.AddSeconds(16)));
        Assert.Empty(board.Silos(Start.AddSeconds(16)));
    }

    private static SiloSlots Silo(SiloAddress silo, int slots) => new(silo, silo.ToString(), "cpu", slots, [], Draining: false);
}
