namespace SparseGrid.Console.Commands;

/// <summary>A command that asks a grid, and leaves with the first Ctrl-C.</summary>
internal static class Interruptible
{
    /// <summary>Runs it; where it ends because it was told to, that is no error of the program.</summary>
    public static async Task<ExitCode> Run(Terminal terminal, Func<CancellationToken, Task<ExitCode>> command)
    {
        using var signals = new StopSignals(() => StopSignals.EndAtOnce(ExitCode.Killed));
        try
        {
            return await command(signals.Asked);
        }
        catch (OperationCanceledException) when (signals.Asked.IsCancellationRequested)
        {
            terminal.Error.WriteLine("Stopped waiting; what the grid was asked for by then, it does.");
            return ExitCode.Stopped;
        }
    }
}
