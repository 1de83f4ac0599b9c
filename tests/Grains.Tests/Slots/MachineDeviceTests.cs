using Microsoft.Extensions.Logging.Abstractions;
using SparseGrid.Grains.Slots;

namespace SparseGrid.Grains.Tests.Slots;

/// <summary>Two silos of one machine, each with a gate of its own; the operating system's locks tell their files apart as they do those of two processes.</summary>
public sealed class MachineDeviceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sparsegrid-device-").FullName;
    private readonly List<MachineDevice> devices = [];

    public void Dispose()
    {
        devices.ForEach(device => device.Dispose());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_measurement_of_one_silo_waits_for_the_stages_of_another_and_keeps_new_ones_out()
    {
        var stop = TestContext.Current.CancellationToken;
        var (here, there) = (Gate("cpu"), Gate("cpu"));
        var running = there.Share(stop);
        var measuring = Task.Run(() => here.Alone(stop), stop);

        await Doubles.Until.True(() => devices[1].MeasureWaits);
        Assert.False(measuring.IsCompleted);
        var steppedAside = Task.Run(() => running.StepAside(stop), stop);
        var alone = await measuring;
        var newcomer = Task.Run(() => there.Share(stop), stop);
        Assert.False(steppedAside.IsCompleted);
        Assert.False(newcomer.IsCompleted);

        alone.Dispose();
        await steppedAside;
        (await newcomer).Dispose();
        running.Dispose();
    }

    [Fact]
    public void Silos_on_two_devices_do_not_wait_for_each_other()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alone = Gate("cpu").Alone(stop);
        using var other = Gate("cuda-1").Alone(stop);
        Assert.NotSame(alone, other);
    }

    [Fact]
    public void A_measurement_does_not_wait_for_ever_for_a_process_that_is_frozen()
    {
        var stop = TestContext.Current.CancellationToken;
        using var frozen = Gate("cpu").Share(stop);
        using var alone = Gate("cpu", TimeSpan.FromMilliseconds(50)).Alone(stop);
        Assert.NotNull(alone);
    }

    [Fact]
    public async Task One_that_is_stopped_while_it_waits_leaves_the_device_to_others()
    {
        var (here, there) = (Gate("cpu"), Gate("cpu"));
        using (there.Share(TestContext.Current.CancellationToken))
        {
            using var stop = new CancellationTokenSource();
            var measuring = Task.Run(() => here.Alone(stop.Token), TestContext.Current.CancellationToken);
            await Doubles.Until.True(() => devices[1].MeasureWaits);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => measuring);
        }

        there.Alone(TestContext.Current.CancellationToken).Dispose();
        here.Share(TestContext.Current.CancellationToken).Dispose();
    }

    private MeasureGate Gate(string device, TimeSpan? patience = null)
    {
        devices.Add(new(folder, device, patience ?? TimeSpan.FromMinutes(1), TimeProvider.System, NullLogger<MachineDevice>.Instance));
        return new(devices[^1]);
    }
}
