using System.Diagnostics;
using System.Runtime.CompilerServices;
using SparseGrid.Contracts.Grains;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Grains.Tests.Doubles;

/// <summary>Waits for conditions with a deadline; past it, says which one did not come true.</summary>
public static class Until
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Asks until the answer is as wanted.</summary>
    public static async Task<T> True<T>(Func<Task<T>> ask, Func<T, bool> wanted, [CallerArgumentExpression(nameof(wanted))] string what = "", TimeSpan? deadline = null)
    {
        var most = deadline ?? Deadline;
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask();
            if (wanted(answer))
                return answer;

            Assert.True(watch.Elapsed < most, $"after {most.TotalSeconds} s still not: {what}; last seen: {answer}");
            await Task.Delay(10);
        }
    }

    /// <summary>Looks until it is true.</summary>
    public static Task True(Func<bool> wanted, [CallerArgumentExpression(nameof(wanted))] string what = "") =>
        True(() => Task.FromResult(wanted()), seen => seen, what);

    /// <summary>Waits until a sweep is no longer active and nothing of it runs.</summary>
    public static Task<SweepStatus> Ended(ISweepGrain sweep) =>
        True(sweep.Status, status => status.State is not (SweepState.Active or SweepState.Unknown) && status.Running == 0);
}
