using System.Text;

namespace SparseGrid.Compression.Data;

/// <summary>Lines of a text file that may be gzipped, none longer than a bound: a file without line ends must not fill the memory.</summary>
internal static class CsvLines
{
    private const int FirstBuffer = 1 << 16;
    private const int MostShown = 40;

    /// <summary>Takes one line that is not empty; the first is line 1.</summary>
    public delegate void Take(ReadOnlySpan<char> text, int line);

    /// <summary>Goes through the file.</summary>
    /// <param name="longest">Characters that a line has at most.</param>
    /// <exception cref="InvalidDataException">The file is missing, cannot be read, or has a longer line.</exception>
    public static void Read(DataFile file, int longest, Take take) => file.Read(content =>
    {
        using var reader = new StreamReader(content, Encoding.UTF8);
        var (buffer, filled, line) = (new char[FirstBuffer], 0, 0);
        while (true)
        {
            int read;
            try
            {
                read = reader.ReadBlock(buffer, filled, buffer.Length - filled);
            }
            catch (InvalidDataException e) when (e.Source == GzippedFile.BrokenGzip)
            {
                throw new InvalidDataException($"{file.Path}: the gzip data break off or are damaged after line {line}. Get the file again.", e);
            }

            var text = buffer.AsSpan(0, filled + read);
            for (var end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n'))
            {
                One(text[..end], ++line, take);
                text = text[(end + 1)..];
            }

            if (text.Length > longest)
                throw new InvalidDataException($"{file.Path}:{line + 1}: the line has more than {longest} characters. Is this the right file?");
            if (read == 0)
            {
                One(text, ++line, take);
                return line;
            }

            filled = text.Length;
            text.CopyTo(buffer);
            if (filled == buffer.Length)
                Array.Resize(ref buffer, 2 * filled);
        }
    });

    /// <summary>A value of unknown content as a message shows it: on one line, at most 40 characters of it.</summary>
    public static string Shown(ReadOnlySpan<char> value)
    {
        var shown = value[..Math.Min(value.Length, MostShown)].ToArray();
        return string.Concat(Array.ConvertAll(shown, letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter)) + (value.Length > MostShown ? "…" : "");
    }

    private static void One(ReadOnlySpan<char> text, int line, Take take)
    {
        if (text.TrimEnd('\r') is { Length: > 0 } characters)
            take(characters, line);
    }
}
