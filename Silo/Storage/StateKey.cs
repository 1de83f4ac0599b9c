namespace SparseGrid.Silo.Storage;

/// <summary>Where a state lies in table <c>GrainState</c>: as the ADO.NET provider places it, so that either reads what the other wrote.</summary>
/// <param name="Type">Name of the state.</param>
/// <param name="N0">First half of a GUID; 0 otherwise.</param>
/// <param name="N1">Second half of a GUID, or an integer; 0 otherwise.</param>
/// <param name="Text">A text, or what follows a GUID or an integer; empty otherwise.</param>
internal readonly record struct StateKey(string Type, long N0, long N1, string Text)
{
    /// <summary>The place of a grain's state. A text that reads as a GUID or as hexadecimal digits of an integer is placed as one.</summary>
    public static StateKey Of(string stateName, GrainId grain)
    {
        if (grain.TryGetGuidKey(out var guid, out var extension))
        {
            Span<byte> bytes = stackalloc byte[16];
            guid.TryWriteBytes(bytes);
            return new(stateName, BitConverter.ToInt64(bytes), BitConverter.ToInt64(bytes[8..]), extension ?? "");
        }

        return grain.TryGetIntegerKey(out var number, out extension)
            ? new(stateName, 0, number, extension ?? "")
            : new(stateName, 0, 0, grain.Key.ToString() ?? "");
    }
}
