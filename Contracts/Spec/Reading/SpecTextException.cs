namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Text that is not read on from that line.</summary>
internal sealed class SpecTextException(int line, string message) : Exception(message)
{
    public int Line => line;
}
