using System.Globalization;

namespace SparseGrid.Silo.Logging;

/// <summary>
/// Writes log messages to one file, a line each, stack traces below. At 16 MB a file is put aside under <c>.1</c>, in the place of the one before, so that a silo that runs for months leaves 32 MB at most.
/// A full disk loses lines and nothing else: whoever logs is not to fail by it.
/// </summary>
public sealed class FileLoggerProvider : ILoggerProvider
{
    private readonly string path;
    private readonly TimeProvider clock;
    private readonly long most;
    private readonly Lock gate = new();
    private StreamWriter? file;
    private long rotateAt;
    private bool closed;

    /// <summary>Opens the file to append.</summary>
    public FileLoggerProvider(string path, TimeProvider clock)
        : this(path, clock, 16 << 20)
    {
    }

    internal FileLoggerProvider(string path, TimeProvider clock, long most)
    {
        (this.path, this.clock, this.most, rotateAt) = (path, clock, most, most);
        file = Open(path);
        Rotate();
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            try
            {
                file?.Dispose();
            }
            catch (IOException)
            {
            }
        }
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var time = clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        lock (gate)
        {
            if (closed)
                return;

            try
            {
                file ??= Open(path);
                file.WriteLine($"{time} {level,-11} {category}: {message}");
                if (exception is not null)
                    file.WriteLine(exception);
                Rotate();
            }
            catch (Exception lost) when (lost is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    // A file that cannot be put aside grows on, and is tried again when it has grown by as much.
    private void Rotate()
    {
        if (file?.BaseStream is not { CanSeek: true, Position: var length } || length <= rotateAt)
            return;
        var full = file;
        file = null;
        full.Dispose();
        try
        {
            File.Move(path, path + ".1", overwrite: true);
            rotateAt = most;
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            rotateAt = length + most;
        }

        file = Open(path);
    }

    private static StreamWriter Open(string path) => new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };

    private sealed class FileLogger(FileLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(logLevel, category, formatter(state, exception), exception);
    }
}
