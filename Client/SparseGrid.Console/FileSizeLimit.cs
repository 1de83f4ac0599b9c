using System.Runtime.InteropServices;

namespace SparseGrid.Console;

/// <summary>A limit that the user's shell sets on the size of files (<c>ulimit -f</c>).</summary>
internal static class FileSizeLimit
{
    private const int Signal = 25; // SIGXFSZ of Linux and macOS
    private const nint Ignore = 1; // SIG_IGN

    /// <summary>Lets a write past the limit fail, which names the file, where the system would end the process without a word.</summary>
    public static void FailWrites()
    {
        if (!OperatingSystem.IsWindows())
            _ = Handle(Signal, Ignore);
    }

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Handle(int signal, nint handler);
}
