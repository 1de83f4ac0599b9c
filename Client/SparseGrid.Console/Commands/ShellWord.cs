namespace SparseGrid.Console.Commands;

/// <summary>How a word is written on a command line.</summary>
internal static class ShellWord
{
    /// <summary>The word, in quotation marks where a shell would read it otherwise.</summary>
    public static string Of(string word) => word.Any(letter => !char.IsLetterOrDigit(letter) && !"-_./:=".Contains(letter)) ? $"'{word.Replace("'", "'\\''")}'" : word;
}
