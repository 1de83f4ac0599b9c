namespace SparseGrid.Compression.Data;

/// <summary>One file of a data set.</summary>
/// <param name="Name">Its name in the digest: without folder and without .gz, so that packing and place change nothing. Empty where the set is one file.</param>
/// <param name="Path">Where it lies.</param>
public sealed record DataFile(string Name, string Path)
{
    /// <summary>Reads the content, unpacked where it is gzipped.</summary>
    /// <exception cref="InvalidDataException">The file is missing or cannot be read, or its gzip data are damaged; names the file and what to do.</exception>
    internal T Read<T>(Func<Stream, T> read)
    {
        try
        {
            using var file = File.OpenRead(Path);
            if (!file.CanSeek)
                throw new InvalidDataException($"{Path}: is a pipe or a device; data are read from files.");
            using var content = GzippedFile.Plain(file);
            return read(content);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{Path}: the data file does not exist. Correct data.path in the spec, or put the file there.", e);
        }
        catch (InvalidDataException e) when (e.Source == GzippedFile.BrokenGzip)
        {
            throw new InvalidDataException($"{Path}: the gzip data break off or are damaged. Get the file again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && e is not InvalidDataException)
        {
            throw new InvalidDataException($"{Path}: the data file cannot be read: {e.Message}", e);
        }
    }
}
