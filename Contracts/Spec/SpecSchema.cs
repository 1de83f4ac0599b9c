namespace SparseGrid.Contracts.Spec;

/// <summary>The JSON schema (2020-12) of a sweep spec, for editors and other programs. The reader checks more: rules between keys.</summary>
public static class SpecSchema
{
    /// <summary>The schema's text.</summary>
    public static string Text { get; } = Load();

    private static string Load()
    {
        using var stream = typeof(SpecSchema).Assembly.GetManifestResourceStream("sweep.schema.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
