using Microsoft.Extensions.Logging;
using SparseGrid.Silo.Logging;

namespace SparseGrid.Silo.Tests.Logging;

public sealed class FileLoggerTests
{
    [Fact]
    public void A_full_disk_loses_log_lines_and_nothing_else()
    {
        // The system's own full disk.
        using var provider = new FileLoggerProvider("/dev/full", TimeProvider.System);
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(provider));

        factory.CreateLogger("test").Log(
            LogLevel.Error, default, "A stage failed", new IOException("No space left on device"), (message, _) => message);
    }
}
