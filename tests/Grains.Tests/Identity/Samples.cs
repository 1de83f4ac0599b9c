using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Tests.Identity;

/// <summary>Values that the identity tests share.</summary>
internal static class Samples
{
    public static DataIdentity Data { get; } = new("digits-csv", new('d', 64), 0.15, 0.2, 0);

    public static ModelSettings Model { get; } = new("resnet8", 16);

    public static NumericsFingerprint Numerics { get; } = new(1, "2.10.0", "cpu", "fp32", "eager", 1);

    public static Recipe Dense { get; } = new(
        VariantKind.Dense, null, Model, Data, Numerics, [new TrainStage(new(30, WarmupEpochs: 1, ShiftPixels: 1)), new ExportStage(13, "fold", null)], 7);

    /// <summary>A network of the user's own, as it came.</summary>
    public static Recipe Given { get; } = new(
        VariantKind.Dense, null, new(ModelSettings.Imported, Given: new(new('8', 64), new('9', 64))), Data with { Normalize = new("0.485,0.456,0.406", "0.25") }, Numerics,
        [new LoadStage(), new ExportStage(13, "fold", null)], 7);

    public static Recipe Qat { get; } = new(
        VariantKind.Qat, new(new('a', 64)), Model, Data, Numerics,
        [
            new CollectStage(512, 2048, "ort"), new CalibrateStage("percentile", 99.99, "ort"),
            new FinetuneStage(new(5, LearningRate: 0.005), new("ort", "onnx")), new ExportStage(13, "fold", new("ort", "onnx")),
        ],
        7);
}
