namespace SparseGrid.Silo.Storage;

/// <summary>What is done to a stored state.</summary>
internal enum SqliteStatement
{
    /// <summary>Insert or replace.</summary>
    Write,

    /// <summary>Empty, and keep its version.</summary>
    Clear,
}
