namespace SparseGrid.Contracts.Recipes;

/// <summary>What a model variant is: a tree with dense at the root; dense → sparse; dense or sparse → ptq; dense or sparse → qat.</summary>
public enum VariantKind
{
    /// <summary>Trained from scratch, or as the user brought it, FP32.</summary>
    Dense,

    /// <summary>Pruned to 2:4 and fine-tuned, FP32.</summary>
    Sparse,

    /// <summary>INT8 by post-training quantization.</summary>
    Ptq,

    /// <summary>INT8 by quantization-aware training.</summary>
    Qat,
}
