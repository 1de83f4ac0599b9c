using SparseGrid.Compression.Analysis;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Quick;

namespace SparseGrid.Console.Commands;

/// <summary><c>sparsegrid quick</c>: what INT8 without training does to a network of the user's, in minutes and without a grid.</summary>
public sealed class QuickCommand(Terminal terminal, TimeProvider clock)
{
    /// <summary>Analyses the network, shows what came out, and writes the best INT8 file, a report and a document.</summary>
    /// <param name="stop">When cancelled, what was found by then is shown and written.</param>
    /// <exception cref="InputException">The folder for the files cannot be used.</exception>
    /// <exception cref="InvalidDataException">The network or the images cannot be used.</exception>
    public ExitCode Run(QuickArguments arguments, CancellationToken stop)
    {
        var files = new QuickFiles(arguments.Folder, Path.GetFileNameWithoutExtension(arguments.Options.Model));
        files.Check();
        try
        {
            return Run(arguments, files, stop);
        }
        finally
        {
            files.RemoveIfEmpty();
        }
    }

    private ExitCode Run(QuickArguments arguments, QuickFiles files, CancellationToken stop)
    {
        var output = arguments.Json ? terminal.Error : terminal.Out;
        QuickResult result;
        try
        {
            IQuickView view = terminal.Interactive && !arguments.Json ? new LiveQuickView(terminal, clock) : new PlainQuickView(output, clock);
            using var asked = stop.Register(() => view.Say("Stopping: what is found by now is shown and written. Ctrl-C again ends at once."));
            result = view.Show(progress => QuickAnalysis.Run(arguments.Options, progress, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Error.WriteLine("Stopped before anything was found; nothing was written.");
            return ExitCode.Stopped;
        }

        if (arguments.Json)
            terminal.Out.WriteLine(JsonDocuments.Text(result));
        else
            foreach (var line in QuickReport.Lines(result, terminal.Interactive ? terminal.Width : null))
                output.WriteLine(line);
        foreach (var line in files.Write(result))
            output.WriteLine(line);
        return result.Complete ? ExitCode.Done : ExitCode.Stopped;
    }
}
