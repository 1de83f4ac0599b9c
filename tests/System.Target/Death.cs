using System.Runtime.InteropServices;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.System.Target;

/// <summary>Knows which stage runs and ends the process at its point. One slot only: there is one stage at a time.</summary>
internal sealed partial class Death(KillPoint point)
{
    private const int Kill = 9;
    private const int FileSize = 1;                           // RLIMIT_FSIZE
    private const int CoreSize = 4;                           // RLIMIT_CORE
    private string kind = "";
    private int saves;
    private int puts;

    /// <summary>A stage begins.</summary>
    public void Enter(Stage stage) => (kind, saves, puts) = (stage is FinetuneStage { Quantize: not null } ? "qat" : stage.Kind, 0, 0);

    /// <summary>The stage has come so far.</summary>
    public void Reached(double done) => At("step", done >= point.Done - 1e-9);

    /// <summary>A checkpoint is written.</summary>
    public void Saving(int length, Action write) => Writing("saving", "saved", ++saves, length, write);

    /// <summary>An artifact is written.</summary>
    public void Putting(int length, Action write) => Writing("putting", "put", ++puts, length, write);

    /// <summary>The stage's checkpoints go.</summary>
    public void Deleting() => At("committed", true);

    private void Writing(string during, string after, int count, int length, Action write)
    {
        var here = count == (int)point.Done;
        if (here && During(during))
            LimitFiles(length / 2);
        write();
        At(after, here);
    }

    private bool During(string moment) => point.Moment == moment && point.Kind == kind;

    private void At(string moment, bool here)
    {
        if (!here || !During(moment))
            return;

        _ = Signal(Environment.ProcessId, Kill);
        Thread.Sleep(Timeout.Infinite);                       // the signal is on its way
    }

    // The kernel writes the file's first half and then ends the process by SIGXFSZ, as suddenly as SIGKILL, in the middle of the write.
    private static void LimitFiles(int bytes)
    {
        _ = SetLimit(CoreSize, new(0, 0));
        if (SetLimit(FileSize, new((nuint)bytes, (nuint)bytes)) != 0)
            throw new InvalidOperationException($"setrlimit failed with errno {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(nuint Soft, nuint Hard);
}
