using Orleans.Storage;

namespace SparseGrid.Grains.Slots;

/// <summary>Which failures of a grain call are the grid's passing troubles, and worth another try.</summary>
internal static class Transient
{
    /// <summary>True for lost messages, timeouts, grains on the move, and writes that met a newer record or a busy store.</summary>
    public static bool Is(Exception failure) =>
        failure is OrleansException or TimeoutException or InconsistentStateException or OperationCanceledException or System.Data.Common.DbException or IOException;

    /// <summary>
    /// True for those of the cluster: silos that die or leave (a call that one had under way may end as cancelled), grains on the move. A store's own faults (a full disk) are not among them.
    /// </summary>
    public static bool IsOfGrid(Exception failure) =>
        failure is TimeoutException or InconsistentStateException or OperationCanceledException || (failure is OrleansException && !IsOfStore(failure.InnerException));

    private static bool IsOfStore(Exception? failure) =>
        failure is System.Data.Common.DbException or IOException || (failure is not null && IsOfStore(failure.InnerException));
}
