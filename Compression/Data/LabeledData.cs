namespace SparseGrid.Compression.Data;

/// <summary>A data set as its files hold it.</summary>
/// <param name="Images">All images, or those for training where there are test images beside them.</param>
/// <param name="Test">Test images that the set brings; null where it brings none.</param>
public sealed record LabeledData(LabeledImages Images, LabeledImages? Test);
