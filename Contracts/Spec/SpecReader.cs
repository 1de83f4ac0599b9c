using System.Text;
using SparseGrid.Contracts.Spec.Reading;

namespace SparseGrid.Contracts.Spec;

/// <summary>Reads sweep specs from YAML or JSON (which is YAML). Bad text is never an exception: every fault is named, with its line.</summary>
public static class SpecReader
{
    /// <summary>The largest spec file, in bytes.</summary>
    public const int LargestFile = 1 << 20;

    /// <summary>The most trials that one spec may ask for.</summary>
    public const int MostTrials = 100_000;

    /// <summary>Reads a spec file; paths in it are relative to its folder.</summary>
    public static SpecReading Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);

        SpecReading Unreadable(string message) => new(null, [new(path, 0, "", message)]);
        if (Directory.Exists(path))
            return Unreadable("is a folder; name the spec file in it.");

        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[LargestFile + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > LargestFile)
                return Unreadable($"is larger than {LargestFile} bytes, the most that a sweep spec may have. Is this the right file?");

            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(0, length)).TrimStart('\uFEFF');
            return Parse(text, path, Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (DecoderFallbackException)
        {
            return Unreadable("is not text in UTF-8. Is this the right file?");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unreadable("there is no such file. Give the path of a sweep spec, such as samples/digits.sweep.yaml.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Unreadable($"cannot be read: {Spelling.Line(fault.Message)}");
        }
    }

    /// <summary>Reads a spec from its text.</summary>
    /// <param name="fileName">Named in problems.</param>
    /// <param name="baseFolder">Relative paths in the spec are resolved against it.</param>
    public static SpecReading Parse(string text, string fileName, string baseFolder)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(baseFolder);

        var problems = new SpecProblems(fileName);
        if (SpecText.Parse(text, problems) is not { } root)
            return new(null, problems.All);

        var values = SpecWalk.Over(root, SpecVocabulary.Root, problems);
        var spec = new SpecBuilder(values, problems, baseFolder).Build();
        return problems.Any ? new(null, problems.All) : new(spec, []);
    }
}
