using SparseGrid.Contracts.Spec;

namespace SparseGrid.Console.Commands;

/// <summary>The sweep spec that a command was given.</summary>
public static class SpecFile
{
    /// <summary>Reads the spec.</summary>
    /// <exception cref="InputException">It cannot be used; the message names every fault, one a line.</exception>
    public static SweepSpec Read(string path)
    {
        var reading = SpecReader.Read(path);
        return reading.Spec ?? throw new InputException(string.Join(Environment.NewLine, reading.Problems));
    }
}
