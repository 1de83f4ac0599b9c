namespace SparseGrid.Grains.Results;

/// <summary>A test image that a variant puts into another class than its dense FP32 ancestor.</summary>
/// <param name="Index">Index in the test split.</param>
/// <param name="Label">Its class.</param>
/// <param name="Dense">The class that the dense ancestor's file predicts.</param>
/// <param name="Variant">The class that the variant's file predicts; never the same.</param>
public sealed record FlippedImage(int Index, int Label, int Dense, int Variant)
{
    /// <summary>The dense ancestor alone is right.</summary>
    public bool Lost => Dense == Label;

    /// <summary>The variant alone is right.</summary>
    public bool Gained => Variant == Label;
}
