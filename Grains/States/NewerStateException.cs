namespace SparseGrid.Grains.States;

/// <summary>A stored record of a form that this program does not know yet. It is left as it is: what cannot be read is never written over.</summary>
[GenerateSerializer, Alias("sparsegrid.newer-state")]
public sealed class NewerStateException : Exception
{
    /// <summary>With a message for the user: record, version, fix.</summary>
    public NewerStateException(string message)
        : base(message)
    {
    }

    /// <summary>Of one record, as far as it is known which.</summary>
    /// <param name="record">stage, sweep …</param>
    /// <param name="found">The form that the record says it is of.</param>
    /// <param name="known">The newest that this program reads.</param>
    public static NewerStateException Of(string record, long found, int known) => new(
        $"A stored {record} record is of schema version {found}, and this program knows versions up to {known}: a newer one has written it, and it was left as it is. "
        + "Use that program, or choose another folder.");

    /// <summary>The same, with the record's key.</summary>
    public NewerStateException At(string key) => new($"{key}: {Message}");
}
