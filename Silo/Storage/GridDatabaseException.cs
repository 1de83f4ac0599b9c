using Microsoft.Data.Sqlite;

namespace SparseGrid.Silo.Storage;

/// <summary>The grid's database file cannot be used: full disk, no right to write, damaged, of a newer version. Says which file, why, and what to do.</summary>
public sealed class GridDatabaseException : IOException
{
    /// <summary>With a message for the user: file, fault, fix.</summary>
    public GridDatabaseException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Says in a user's words what SQLite says in a number.</summary>
    /// <param name="file">Path of the database.</param>
    public static GridDatabaseException Of(string file, SqliteException fault) => new($"{file}: {Told(fault.SqliteErrorCode, file)}", fault);

    // Result codes of https://www.sqlite.org/rescode.html
    private static string Told(int code, string file) => code switch
    {
        5 or 6 => "another program holds the database locked. End it, then give the same command again.",
        8 => "the database cannot be written, its file or folder is read-only. Make it writable, or choose another folder.",
        10 => "the disk could not be read or written. Make room and check the disk, then give the same command again; what was committed is kept.",
        11 or 26 => $"the database is damaged. Restore the file from a copy, or delete {Path.GetFileName(file)} with its -wal and -shm files: "
            + "the sweep then runs again, and makes the same artifacts.",
        13 => "the disk is full. Make room, then give the same command again; what was committed is kept.",
        14 => "the database cannot be opened. Check that it is a file and that it may be read and written, or choose another folder.",
        _ => $"SQLite ended with error {code}. Give the same command again; what was committed is kept.",
    };
}
