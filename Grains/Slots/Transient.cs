using Orleans.Storage;

namespace SparseGrid.Grains.Slots;

/// <summary>Which failures of a grain call are the grid's passing troubles, and worth another try.</summary>
internal static class Transient
{
    /// <summary>True for lost messages, timeouts, grains on the move, and writes that met a newer record or a busy store.</summary>
    public static bool Is(Exception failure) =>
        failure is OrleansException or TimeoutException or InconsistentStateException or System.Data.Common.DbException or IOException;
}
