using System.Text;
using SparseGrid.Console.Reports;

namespace SparseGrid.Console;

/// <summary>Standard output or error of the process, on a disk that may be full. Whoever writes results there must hear of it; words to a reader may get lost.</summary>
/// <param name="mayLose">True drops what cannot be written.</param>
internal sealed class StandardWriter(TextWriter inner, bool mayLose) : TextWriter(inner.FormatProvider)
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Guarded(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Guarded(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Guarded(() => inner.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Guarded(() => inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Guarded(inner.Flush);

    /// <exception cref="InputException">It cannot be written.</exception>
    private void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (IOException) when (mayLose)
        {
        }
        catch (IOException fault)
        {
            throw new InputException(
                $"Standard output cannot be written: {Words.OneLine(fault.Message)} Give the same command again with an output that has room; what is done is kept.");
        }
    }
}
