namespace SparseGrid.Console;

/// <summary>Something that the user gave cannot be used. Each line of the message is one fault, and is all that is shown.</summary>
public sealed class InputException(string message) : Exception(message);
