using System.Globalization;

namespace SparseGrid.Silo.Logging;

/// <summary>
/// Writes log messages to one file, a line each, stack traces below. At 16 MB a file is put aside under <c>.1</c> when the silo starts.
/// A full disk loses lines and nothing else: whoever logs is not to fail by it.
/// </summary>
public sealed class FileLoggerProvider : ILoggerProvider
{
    private const long RotateAt = 16 << 20;

    private readonly StreamWriter file;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private bool closed;

    /// <summary>Opens the file to append.</summary>
    public FileLoggerProvider(string path, TimeProvider clock)
    {
        if (File.Exists(path) && new FileInfo(path).Length > RotateAt)
            File.Move(path, path + ".1", overwrite: true);

        this.clock = clock;
        file = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
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
                file.Dispose();
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
                file.WriteLine($"{time} {level,-11} {category}: {message}");
                if (exception is not null)
                    file.WriteLine(exception);
            }
            catch (IOException)
            {
            }
        }
    }

    private sealed class FileLogger(FileLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(logLevel, category, formatter(state, exception), exception);
    }
}
