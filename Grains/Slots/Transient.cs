using System.Text.Json;
using Orleans.Storage;
using SparseGrid.Grains.States;

namespace SparseGrid.Grains.Slots;

/// <summary>Which failures of a grain call are the grid's passing troubles, and worth another try.</summary>
internal static class Transient
{
    /// <summary>True for lost messages, timeouts, grains on the move, and writes that met a newer record or a busy store; false for records that cannot be read.</summary>
    public static bool Is(Exception failure) =>
        failure is OrleansException or TimeoutException or InconsistentStateException or OperationCanceledException or System.Data.Common.DbException or IOException
        && Unreadable(failure) is null;

    /// <summary>
    /// True for those of the cluster: silos that die or leave (a call that one had under way may end as cancelled), grains on the move. A store's own faults (a full disk) are not among them.
    /// </summary>
    public static bool IsOfGrid(Exception failure) =>
        failure is TimeoutException or InconsistentStateException or OperationCanceledException
        || (failure is OrleansException && !IsOfStore(failure.InnerException) && Unreadable(failure) is null);

    /// <summary>What a store says of a record of a newer version, or of a damaged one; null where that is not the fault. Asking again does not make it readable.</summary>
    public static Exception? Unreadable(Exception? failure) => failure is null or NewerStateException or JsonException ? failure : Unreadable(failure.InnerException);

    private static bool IsOfStore(Exception? failure) =>
        failure is System.Data.Common.DbException or IOException || (failure is not null && IsOfStore(failure.InnerException));
}
