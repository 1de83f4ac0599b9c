using System.Text.Json;
using SparseGrid.Grains.States;

namespace SparseGrid.Silo.Storage;

/// <summary>What is told of a record that was found and cannot be read: no fault of the store that holds it, and none that passes.</summary>
internal static class UnreadableRecord
{
    /// <summary>The fault with the record's name, where a newer version wrote it or where it is damaged; null where the store's fault is another.</summary>
    public static Exception? Of(Exception? fault, GrainId grain) => fault switch
    {
        null => null,
        NewerStateException newer => newer.At(grain.ToString()),
        JsonException damaged => new JsonException(
            $"{grain}: its stored record cannot be read, and was left as it is ({damaged.Message.TrimEnd('.')}). Restore it from a copy; where there is none, clear the record: what it told is made again."),
        _ => Of(fault.InnerException, grain) ?? InWords(fault.Message, grain),
    };

    // Orleans' provider for Redis keeps of a fault nothing but its text, behind what it says itself.
    private static Exception? InWords(string message, GrainId grain) =>
        After<NewerStateException>(message) is { } newer ? Of(new NewerStateException(newer), grain)
        : After<JsonException>(message) is { } damaged ? Of(new JsonException(damaged), grain)
        : null;

    private static string? After<T>(string message)
    {
        var name = $"{typeof(T).FullName}: ";
        var place = message.IndexOf(name, StringComparison.Ordinal);
        return place < 0 ? null : message[(place + name.Length)..].Split(['\r', '\n'])[0];
    }
}
