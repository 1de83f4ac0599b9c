using Orleans.Configuration;

namespace SparseGrid.Silo;

/// <summary>
/// Which clock each part of Orleans reads. Grains keep the machine's, whose times are stored and shown; what only measures how long ago something was gets
/// one that is never set. Seen with 10.4.2: a clock set back by more than 15 minutes let every new activation throw, one set ahead by more
/// than five while the silo joined made it vote itself dead and end the process.
/// </summary>
public static class SiloClocks
{
    /// <summary>For every silo: the age of activations, which no other silo sees.</summary>
    public static IServiceCollection AddSteadyActivationClock(this IServiceCollection services) => services.Steady(TimeProviderNames.ActivationManagement);

    /// <summary>For a cluster that is one silo: everything of the runtime, and a membership in which nobody is declared dead, since nobody is there to do it.</summary>
    public static IServiceCollection AddSingleSiloClocks(this IServiceCollection services) => services
        .Steady(TimeProviderNames.Membership).Steady(TimeProviderNames.SystemTimers).Steady(TimeProviderNames.Messaging).Steady(TimeProviderNames.GrainDirectory)
        .Configure<ClusterMembershipOptions>(membership =>
        {
            // These also read the machine's clock directly, so a steady one beside it is not enough.
            membership.EvictWhenMaxJoinAttemptTimeExceeded = false;
            membership.SiloGenerationRetirementAge = null;
            membership.LivenessEnabled = false;
            membership.MaxJoinAttemptTime = TimeSpan.FromDays(1); // 5 min, by the machine's clock too; here the table is in the process, and joining takes no try.
        });

    private static IServiceCollection Steady(this IServiceCollection services, string area) =>
        services.AddKeyedSingleton<TimeProvider>(area, (provider, _) => new SteadyClock(provider.GetRequiredService<TimeProvider>()));
}
