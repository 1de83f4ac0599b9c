using System.Globalization;

namespace SparseGrid.Silo.Storage;

/// <summary>
/// Where a state lies in table <c>GrainState</c>: as the ADO.NET provider places it, so that either reads what the other wrote. But a text that is not how its number is
/// written (007) is placed as a text: that provider gives 7 and 007 one place, and two sweeps of these names would write over each other.
/// </summary>
/// <param name="Type">Name of the state.</param>
/// <param name="N0">First half of a GUID; 0 otherwise.</param>
/// <param name="N1">Second half of a GUID, or an integer; 0 otherwise.</param>
/// <param name="Text">A text, or what follows a GUID or an integer; empty otherwise.</param>
internal readonly record struct StateKey(string Type, long N0, long N1, string Text)
{
    /// <summary>The place of a grain's state. A text that reads as a GUID or as hexadecimal digits of an integer is placed as one.</summary>
    public static StateKey Of(string stateName, GrainId grain)
    {
        var text = grain.Key.ToString() ?? "";
        if (grain.TryGetGuidKey(out var guid, out var extension))
        {
            Span<byte> bytes = stackalloc byte[16];
            guid.TryWriteBytes(bytes);
            return new(stateName, BitConverter.ToInt64(bytes), BitConverter.ToInt64(bytes[8..]), extension ?? "");
        }

        return grain.TryGetIntegerKey(out var number, out extension) && text.Split('+')[0].Equals(Digits(number), StringComparison.OrdinalIgnoreCase)
            ? new(stateName, 0, number, extension ?? "")
            : new(stateName, 0, 0, text);
    }

    /// <summary>The key of the grain whose state lies there, in small letters where it is placed as a number.</summary>
    public string Key => (N0, N1, Text) switch
    {
        (0, 0, { Length: > 0 }) => Text,
        (0, _, _) => Digits(N1) + Extension,
        _ => new Guid([.. BitConverter.GetBytes(N0), .. BitConverter.GetBytes(N1)]).ToString("n") + Extension,
    };

    private string Extension => Text.Length == 0 ? "" : $"+{Text}";

    private static string Digits(long number) => number.ToString("x", CultureInfo.InvariantCulture);
}
