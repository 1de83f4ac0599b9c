using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using SparseGrid.Contracts.Grains;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Tests.Doubles;

namespace SparseGrid.Grains.Tests.Slots;

public sealed class ComputeEnvironmentsTests
{
    [Fact]
    public async Task A_plan_is_made_for_the_silo_that_computes_on_its_device_and_not_for_the_coordinators()
    {
        // The first coordinates and has no slots; the others compute, each on its kind of device.
        await using var grid = await TestGrid.Start(silos: 3, each: name => name.EndsWith('0') ? (new Machine("cpu", "coordinator"), 0)
            : name.EndsWith('1') ? (new Machine("cuda", "gpu machine"), 1) : (new Machine("cpu", "worker"), 1));
        var environments = grid.Cluster.Silos.Select(silo => ((InProcessSiloHandle)silo).SiloHost.Services.GetRequiredService<ComputeEnvironments>()).ToArray();

        Assert.Equal(["worker", "worker", "worker"], await Names(environments, "cpu"));
        Assert.Equal(["gpu machine", "gpu machine", "gpu machine"], await Names(environments, "cuda"));
    }

    [Fact]
    public async Task A_device_that_no_silo_computes_on_is_refused_with_the_silos_that_are_up()
    {
        await using var grid = await TestGrid.Start(silos: 2, each: name => (new Machine("cpu", name), name.EndsWith('0') ? 0 : 2));
        var environments = ((InProcessSiloHandle)grid.Cluster.Silos[0]).SiloHost.Services.GetRequiredService<ComputeEnvironments>();
        var refused = await Assert.ThrowsAsync<StageFailedException>(async () => await environments.For("cuda"));
        Assert.StartsWith("numerics.device is cuda, but no silo that is up computes on it; up are: ", refused.Message);
        Assert.Contains("(cpu, slots: 2). Start one with Devices:Device=cuda and a slot", refused.Message);
    }

    [Fact]
    public async Task A_silo_that_is_alone_plans_for_itself_though_it_has_no_slots()
    {
        await using var grid = await TestGrid.Start(each: _ => (new Machine("cpu", "alone"), 0));
        var environments = ((InProcessSiloHandle)grid.Cluster.Silos[0]).SiloHost.Services.GetRequiredService<ComputeEnvironments>();
        Assert.Equal("alone", (await environments.For("cpu")).DeviceName);
        await Assert.ThrowsAsync<StageFailedException>(async () => await environments.For("cuda"));
    }

    private static async Task<string[]> Names(ComputeEnvironments[] environments, string kind)
    {
        var found = new List<string>();
        foreach (var each in environments)
            found.Add((await each.For(kind)).DeviceName);
        return [.. found];
    }

    private sealed class Machine(string device, string name) : IExecutionEnvironment
    {
        public string Device => device;

        public SiloEnvironment Offer => new(name, "0", [new("onnxruntime", "onnxruntime 0", name)]);

        public string DeviceName => name;

        public string DeviceFingerprint => name;

        public string Versions => "";

        public void CheckDevice()
        {
        }
    }
}
