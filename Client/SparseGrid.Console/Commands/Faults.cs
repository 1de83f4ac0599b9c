using SparseGrid.Console.Reports;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Console.Commands;

/// <summary>How a fault is told: what the user can mend in its own words, anything else in one line that names the log.</summary>
public static class Faults
{
    /// <summary>Writes the fault and gives the exit code it means.</summary>
    /// <param name="verbose">True adds the stack of a fault that nobody foresaw.</param>
    public static ExitCode Report(Exception fault, TextWriter error, string folder, bool verbose)
    {
        if (IsInput(fault))
        {
            error.WriteLine(fault is InputException ? fault.Message : Words.OneLine(fault.Message));
            return ExitCode.BadInput;
        }
        var more = verbose ? "." : ", and so does --verbose.";
        error.WriteLine($"Unexpected {fault.GetType().Name}: {Words.OneLine(fault.Message)} The log {Path.Combine(folder, "silo.log")} says more{more}");
        if (verbose)
            error.WriteLine(fault.ToString());
        return ExitCode.Unexpected;
    }

    /// <summary>
    /// Files that are missing, damaged or in use, and disks that are full or read-only, a device that is not here: their messages say what and where.
    /// </summary>
    private static bool IsInput(Exception fault) =>
        fault is InputException or StageFailedException or InvalidDataException or IOException or UnauthorizedAccessException;
}
