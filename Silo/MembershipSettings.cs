using Orleans.Configuration;

namespace SparseGrid.Silo;

/// <summary>
/// How soon a silo that is lost is taken for dead, in configuration section <c>Membership</c> (names are those of <see cref="ClusterMembershipOptions"/>).
/// Orleans' defaults take 12 s for a killed process and 66 s for a frozen machine (measured with 10.4); these, about 3 s and 11 s.
/// </summary>
public static class MembershipSettings
{
    /// <summary>Sets our defaults, and lays the section over them.</summary>
    public static IServiceCollection AddMembershipSettings(this IServiceCollection services)
    {
        services.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(3);
            membership.MaxProbeTimeout = TimeSpan.FromSeconds(3);
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
            membership.DefunctSiloExpiration = TimeSpan.FromHours(1);
        });

        // After a silo's death the directory keeps its grains from being activated elsewhere until it must have noticed itself: this time, less the 9 s that
        // its death took to be declared at most. By default 21 s, in which no variant goes on. Ours may be short: writes are fenced by etag, runs by epoch.
        services.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.FromSeconds(12));
        services.AddOptions<ClusterMembershipOptions>().BindConfiguration("Membership");
        return services;
    }
}
