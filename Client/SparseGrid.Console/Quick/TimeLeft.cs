namespace SparseGrid.Console.Quick;

/// <summary>Tells the time of something whose share is known.</summary>
internal sealed class TimeLeft(TimeProvider clock)
{
    private const double LeastShare = 0.01;
    private readonly long started = clock.GetTimestamp();

    /// <summary>Since it began.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(started);

    /// <summary>42 %, 1:10 left; without the time while too little is done to tell.</summary>
    public string Words(double share)
    {
        var percent = Reports.Words.Fixed(Math.Floor(100 * share), 0) + " %";
        return share < LeastShare ? percent : $"{percent}, {Reports.Words.Clock(Elapsed * ((1 - share) / share))} left";
    }
}
