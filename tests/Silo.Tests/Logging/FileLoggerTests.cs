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

    [Fact]
    public void A_file_is_put_aside_while_a_silo_runs_and_one_former_file_is_kept()
    {
        var folder = Directory.CreateTempSubdirectory("sparsegrid-log-").FullName;
        try
        {
            var path = Path.Combine(folder, "silo.log");
            using (var provider = new FileLoggerProvider(path, TimeProvider.System, most: 1000))
            using (var factory = LoggerFactory.Create(logging => logging.AddProvider(provider)))
            {
                Log(factory.CreateLogger("test"), lines: 27);
            }

            // Lines of 82 bytes: thirteen make more than 1,000. So 26 are put aside in two files, of which the second takes the place of the first.
            Assert.Equal(["silo.log", "silo.log.1"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
            Assert.Equal(["line 26"], Lines(path));
            Assert.Equal([.. Enumerable.Range(13, 13).Select(line => $"line {line}")], Lines(path + ".1"));

            // What an earlier silo left too long is put aside at once.
            using (new FileLoggerProvider(path + ".1", TimeProvider.System, most: 1000))
                Assert.Equal(0, new FileInfo(path + ".1").Length);
            Assert.Equal(13, Lines(path + ".1.1").Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static string[] Lines(string path) => [.. File.ReadAllLines(path).Select(line => string.Join(' ', line.Split(": ")[1].Split(' ')[..2]))];
    }

    [Fact]
    public void A_file_that_cannot_be_put_aside_grows_on()
    {
        var folder = Directory.CreateTempSubdirectory("sparsegrid-log-").FullName;
        try
        {
            var path = Path.Combine(folder, "silo.log");
            Directory.CreateDirectory(path + ".1");
            using (var provider = new FileLoggerProvider(path, TimeProvider.System, most: 500))
            using (var factory = LoggerFactory.Create(logging => logging.AddProvider(provider)))
            {
                Log(factory.CreateLogger("test"), lines: 30);
            }

            Assert.Equal(30, File.ReadAllLines(path).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Log(ILogger log, int lines)
    {
        foreach (var message in Enumerable.Range(0, lines).Select(line => $"line {line:D2} {new string('x', 30)}"))
            log.Log(LogLevel.Information, default, message, null, (text, _) => text);
    }
}
