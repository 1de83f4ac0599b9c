using System.Collections.Immutable;

namespace SparseGrid.Compression.Data;

/// <summary>The sample's handwritten digits, see <see cref="DigitsCsv"/>.</summary>
public sealed class DigitsFormat : DataFormat
{
    /// <inheritdoc/>
    public override string Name => "digits-csv";

    /// <inheritdoc/>
    public override bool? BringsTest => false;

    /// <inheritdoc/>
    public override ImmutableArray<DataFile> Files(string path) => OneFile(path);

    /// <inheritdoc/>
    public override LabeledData Read(ImmutableArray<DataFile> files, ImageLayout layout) => new(DigitsCsv.Read(files[0].Path), null);
}
