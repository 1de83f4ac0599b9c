namespace SparseGrid.Compression.Tests.Data;

/// <summary>A folder that goes with the test.</summary>
public abstract class TestFolder : IDisposable
{
    /// <summary>Its full path.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("sparsegrid-data-").FullName;

    /// <summary>A path in it.</summary>
    protected string In(string name) => Path.Combine(Folder, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
