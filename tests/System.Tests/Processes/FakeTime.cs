namespace SparseGrid.System.Tests.Processes;

/// <summary>A process whose machine's clock is another one: Debian's libfaketime, which leaves the monotonic clock alone, as setting a clock does.</summary>
internal static class FakeTime
{
    private static readonly string? Library = Environment.GetEnvironmentVariable("SPARSEGRID_FAKETIME") is { Length: > 0 } given
        ? given
        : Folders().SelectMany(folder => Directory.EnumerateFiles(folder, "libfaketime.so.1")).FirstOrDefault();

    /// <summary>Why there is none here; null where there is.</summary>
    public static string? WhyNot => Library is null ? "libfaketime is not installed; infra/install-test-tools.sh installs it." : null;

    /// <summary>Starts the program under a clock that goes on at that rate: <c>+0 x3600</c>, an hour a second.</summary>
    public static string[] Rate(string rate) => ["env", $"LD_PRELOAD={Library}", "DONT_FAKE_MONOTONIC=1", $"FAKETIME={rate}"];

    /// <summary>Starts the program under a clock that is as far off as the file says now: <c>-1d</c>.</summary>
    public static string[] Offset(string file) =>
        ["env", $"LD_PRELOAD={Library}", "DONT_FAKE_MONOTONIC=1", "FAKETIME_CACHE_DURATION=1", $"FAKETIME_TIMESTAMP_FILE={file}"];

    private static IEnumerable<string> Folders() =>
        Directory.Exists("/usr/lib") ? Directory.EnumerateDirectories("/usr/lib", "*-linux-*").Select(folder => Path.Combine(folder, "faketime")).Where(Directory.Exists) : [];
}
