using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace SparseGrid.Silo.Storage;

/// <summary>
/// The one thread of this process that writes states. What has come in while a commit was under way is committed together with the next one: a disk does some
/// thousand syncs a second at best, and grains ask for more. Each write keeps its own verdict.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private const int MostAtOnce = 512;

    private readonly BlockingCollection<SqliteWrite> queue = [];
    private readonly string connectionString;
    private readonly string service;
    private readonly Thread thread;
    private int ended;

    /// <summary>Starts the thread; the database is opened with the first write.</summary>
    public SqliteWriter(string connectionString, string service)
    {
        (this.connectionString, this.service) = (connectionString, service);
        thread = new(Serve) { Name = "grid.db writer", IsBackground = true };
        thread.Start();
    }

    /// <summary>Writes the state when its turn comes.</summary>
    /// <exception cref="SqliteException">The database cannot be written; nothing of this write is.</exception>
    /// <exception cref="ObjectDisposedException">The silo has ended.</exception>
    public Task<long?> Write(SqliteWrite write)
    {
        try
        {
            queue.Add(write);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteWriter), "the silo has ended and writes nothing any more");
        }

        return write.Done;
    }

    /// <summary>Writes what waits, and ends. Safe to repeat.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref ended, 1) != 0)
            return;

        queue.CompleteAdding();
        thread.Join();
        queue.Dispose();
    }

    private void Serve()
    {
        SqliteSession? session = null;
        var batch = new List<SqliteWrite>();
        foreach (var first in queue.GetConsumingEnumerable())
        {
            batch.Clear();
            batch.Add(first);
            while (batch.Count < MostAtOnce && queue.TryTake(out var next))
                batch.Add(next);

            // One that cannot be written (too large, say) is not to fail the others with it.
            if (!Try(batch, ref session) && batch.Count > 1)
            {
                foreach (var write in batch)
                    Try([write], ref session);
            }
        }

        session?.Dispose();
    }

    // A single write is told its fault here; of several it is not known whose it is.
    private bool Try(List<SqliteWrite> batch, ref SqliteSession? session)
    {
        try
        {
            session ??= new(connectionString, service);
            var versions = session.Commit(batch);
            for (var i = 0; i < batch.Count; i++)
                batch[i].Committed(versions[i]);
            return true;
        }
#pragma warning disable CA1031 // Whatever it was, it is the writers' to know, and the thread serves the next.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            // A connection whose transaction has failed is not trusted with the next one.
            session?.Dispose();
            session = null;
            if (batch.Count == 1)
                batch[0].Failed(fault);
            return false;
        }
    }
}
