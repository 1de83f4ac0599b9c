using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Serialization;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Placement;
using SparseGrid.Grains.Results;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.States;
using SparseGrid.Grains.Sweeps;

namespace SparseGrid.Grains;

/// <summary>Puts the grid into a silo.</summary>
public static class GridHosting
{
    /// <summary>
    /// Adds what the grains need on every silo: slots, options, the form of stored state, the distributed grain directory.
    /// The caller adds stage runner, result assembler, plan inputs, execution environment, artifact and checkpoint stores, and the storage providers.
    /// </summary>
    public static ISiloBuilder AddSparseGrid(this ISiloBuilder silo)
    {
        // ORLEANSEXP003: still marked experimental, and needed: with the default directory, any silo's leaving deactivates variants on healthy ones.
#pragma warning disable ORLEANSEXP003
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.UseSiloMetadata();
        silo.Services.AddPlacementFilter<RoleFilter, RoleFilterDirector>(ServiceLifetime.Transient);
        silo.UseSystemTextJsonGrainStorageSerializer();

        var services = silo.Services;
        services.AddGridFaults();
        services.AddOptions<GridOptions>().BindConfiguration("Grid");
        services.AddOptions<CheckpointOptions>().BindConfiguration("Checkpoints");
        services.AddOptions<DeviceOptions>().BindConfiguration("Devices");
        services.Configure<SystemTextJsonGrainStorageSerializerOptions>(options => StoredStates.Configure(options.JsonSerializerOptions));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SweepAdmission>();
        services.AddSingleton(provider => MachineDeviceOf(provider));
        services.AddSingleton<MeasureGate>();
        services.AddSingleton<ResultIndex>();
        services.AddSingleton<StageRecords>();
        services.AddSingleton<ReportCollector>();
        services.AddSingleton<RunServices>();
        services.AddSingleton<DeviceFault>();
        services.AddSingleton<SlotHost>();
        services.AddSingleton<ISlotHost>(provider => provider.GetRequiredService<SlotHost>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<SlotHost>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SweepWaker>();
        return silo;
    }

    /// <summary>
    /// Lets our own exceptions travel between silos and clients. Without, one that a grain throws arrives elsewhere as the complaint that it has no codec, and its
    /// class is lost.
    /// </summary>
    public static IServiceCollection AddGridFaults(this IServiceCollection services) =>
        services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add(nameof(SparseGrid)));

    // A GPU's fingerprint tells one from another; a machine has one cpu.
    private static MachineDevice MachineDeviceOf(IServiceProvider provider)
    {
        var environment = provider.GetRequiredService<IExecutionEnvironment>();
        var name = environment.Device == "cpu" ? "cpu" : $"{environment.Device}-{Sha256.Of(Encoding.UTF8.GetBytes(environment.DeviceFingerprint))[..12]}";
        return new(
            provider.GetRequiredService<IOptions<DeviceOptions>>().Value.LockFolder, name, TimeSpan.FromMinutes(1), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MachineDevice>>());
    }
}
