using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Stages;

/// <summary>One step a variant runs. Its kind and parameters, with the hashes of its inputs, the numerics and the seed, are its stage key.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "stage")]
[JsonDerivedType(typeof(LoadStage), "load")]
[JsonDerivedType(typeof(TrainStage), "train")]
[JsonDerivedType(typeof(PermuteStage), "permute")]
[JsonDerivedType(typeof(PruneStage), "prune")]
[JsonDerivedType(typeof(FinetuneStage), "finetune")]
[JsonDerivedType(typeof(CollectStage), "collect")]
[JsonDerivedType(typeof(CalibrateStage), "calibrate")]
[JsonDerivedType(typeof(ExportStage), "export")]
[JsonDerivedType(typeof(EvaluateStage), "evaluate")]
[JsonDerivedType(typeof(CompareStage), "compare")]
[JsonDerivedType(typeof(MeasureStage), "measure")]
public abstract record Stage
{
    /// <summary>The stage's name in specs, tables and messages.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }
}
