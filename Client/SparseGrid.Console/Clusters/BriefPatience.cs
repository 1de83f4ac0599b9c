namespace SparseGrid.Console.Clusters;

/// <summary>Tries again for some seconds: a silo that was started just now joins within that time.</summary>
internal sealed class BriefPatience : IClientConnectionRetryFilter
{
    private int tries;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (++tries > 10)
            return false;

        await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        return true;
    }
}
