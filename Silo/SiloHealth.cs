using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SparseGrid.Silo;

/// <summary>Healthy while this silo is active. Asks neither grains nor storage: a shared outage is no reason to restart every silo.</summary>
public sealed class SiloHealth(IClusterMembershipService membership, ILocalSiloDetails here) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = membership.CurrentSnapshot.GetSiloStatus(here.SiloAddress);
        return Task.FromResult(status == SiloStatus.Active
            ? HealthCheckResult.Healthy("active")
            : HealthCheckResult.Unhealthy($"silo {here.Name} is {status}"));
    }
}
