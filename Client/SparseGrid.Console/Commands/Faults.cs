using SparseGrid.Console.Reports;
using SparseGrid.Grains.Slots;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.States;
using SparseGrid.Silo.Storage;

namespace SparseGrid.Console.Commands;

/// <summary>How a fault is told: what the user can mend in its own words, anything else in one line that names the log.</summary>
public static class Faults
{
    /// <summary>Writes the fault and gives the exit code it means.</summary>
    /// <param name="folder">The grid's, whose log says more; null where there is none.</param>
    /// <param name="verbose">True adds the stack of a fault that nobody foresaw.</param>
    public static ExitCode Report(Exception fault, TextWriter error, string? folder, bool verbose)
    {
        if (Told(fault) is { } told)
        {
            error.WriteLine(told);
            return ExitCode.BadInput;
        }
        if (fault is DeviceFaultException)
        {
            error.WriteLine($"The device failed: {Words.OneLine(fault.Message).TrimEnd('.')}. What was finished and the last checkpoints are kept; the same command goes on.");
            return ExitCode.DeviceFault;
        }

        var more = verbose ? "." : ", and so does --verbose.";
        var where = folder is null ? verbose ? "" : " --verbose says more." : $" The log {Path.Combine(folder, "silo.log")} says more{more}";
        error.WriteLine($"Unexpected {fault.GetType().Name}: {Words.OneLine(fault.Message)}{where}");
        if (verbose)
            error.WriteLine(fault.ToString());
        return ExitCode.Unexpected;
    }

    /// <summary>What the user can mend, in its own words; null for any other fault.</summary>
    public static string? Told(Exception fault) => OfInput(fault) is { } input ? input is InputException ? input.Message : Words.OneLine(input.Message) : null;

    /// <summary>
    /// Files that are missing, damaged or in use, and disks that are full or read-only, a device that is not here: their messages say what and where.
    /// </summary>
    private static Exception? OfInput(Exception fault) =>
        fault is InputException or StageFailedException or InvalidDataException or IOException or UnauthorizedAccessException ? fault : (Exception?)OfDatabase(fault) ?? OfRecord(fault);

    // A damaged record is told by the grid alone: elsewhere such a fault is the program's own.
    private static Exception? OfRecord(Exception? fault) => fault switch
    {
        null or NewerStateException => fault,
        OrleansException { InnerException: System.Text.Json.JsonException damaged } => damaged,
        _ => OfRecord(fault.InnerException),
    };

    /// <summary>What a grain call says of the grid's database lies below what the grid says of the call.</summary>
    private static GridDatabaseException? OfDatabase(Exception? fault) =>
        fault is null or GridDatabaseException ? fault as GridDatabaseException : OfDatabase(fault.InnerException);
}
