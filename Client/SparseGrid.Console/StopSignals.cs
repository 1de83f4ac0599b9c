using System.Runtime.InteropServices;

namespace SparseGrid.Console;

/// <summary>Ctrl-C and SIGTERM: the first asks to stop, a second one ends the process at once.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource first = new();
    private readonly PosixSignalRegistration[] registrations;
    private int seen;

    /// <param name="atOnce">What a second signal does; called on a thread of its own.</param>
    public StopSignals(Action atOnce)
    {
        registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref seen) > 1)
                atOnce();
            else
                _ = first.CancelAsync(); // Not on this thread: what follows a first signal must not hold up the second.
        }))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Asked => first.Token;

    /// <summary>
    /// Ends the process without running anything more. Exit handlers would wait for native threads that are in the middle of a training step, so none runs;
    /// whatever is committed or checkpointed is on disk.
    /// </summary>
    public static void EndAtOnce(ExitCode code)
    {
        if (!System.Console.IsOutputRedirected)
            System.Console.Out.Write("\e[?25h"); // A live display hides the cursor.
        System.Console.Out.Flush();
        if (OperatingSystem.IsWindows())
            Environment.Exit((int)code);
        Exit((int)code);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        first.Dispose();
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Exit(int code);
}
