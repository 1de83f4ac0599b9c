namespace SparseGrid.Contracts.Results;

/// <summary>Accuracy of a deployed file on one split, paired image by image with its dense FP32 ancestor.</summary>
/// <param name="Top1">0 to 1.</param>
/// <param name="Images">Images evaluated; padding never counts.</param>
/// <param name="FrameworkTop1">Top-1 of the training framework's (fake-quantized) model on the same images.</param>
/// <param name="Mismatches">Images on which the two predict different classes.</param>
/// <param name="Difference">Top-1 minus the dense ancestor's, 0 for the ancestor itself.</param>
/// <param name="DifferenceLow">Lower end of the 95 % interval of the paired difference.</param>
/// <param name="DifferenceHigh">Upper end.</param>
/// <param name="McNemarP">Exact two-sided McNemar test that the two are equally accurate; 1 for the ancestor itself.</param>
/// <param name="Top1Low">Lower end of the 95 % Wilson interval of <paramref name="Top1"/>.</param>
/// <param name="Top1High">Upper end.</param>
/// <param name="Lost">Images that the ancestor alone classifies rightly.</param>
/// <param name="Gained">Images that this file alone classifies rightly.</param>
/// <param name="OtherwiseWrong">Images that both classify wrongly, as different classes. With the two above: all images whose class changed.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.accuracy")]
public sealed record Accuracy(
    double Top1, int Images, double FrameworkTop1, int Mismatches, double Difference, double DifferenceLow, double DifferenceHigh, double McNemarP,
    double Top1Low, double Top1High, int Lost, int Gained, int OtherwiseWrong);
