namespace SparseGrid.Compression.Training;

/// <summary>The numbers of AdamW beside its learning rate and weight decay.</summary>
/// <param name="Beta1">Share of the mean gradient that stays at a step, 0 to below 1.</param>
/// <param name="Beta2">Share of the mean squared gradient that stays at a step, 0 to below 1.</param>
/// <param name="Epsilon">Added to the root of the mean squared gradient, above 0.</param>
public sealed record AdamWForm(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8);
