using System.Collections.Immutable;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Stage load: the weights that the user brought, as the plan stored them. The file that they came from is not read again.</summary>
internal static class LoadRunner
{
    // The statistics of new batch normalizations are those of so many training images, the same for every replicate.
    private const int MeasuredImages = 512;

    /// <summary>Makes the weights, which are checked against the layers.</summary>
    /// <param name="came">The layers without what was put in since.</param>
    public static StageOutput Run(StageWork work, LayerGraph came)
    {
        var given = work.Request.Recipe.Model.Given
            ?? throw new StageFailedException("The recipe has a stage load, but its model names no weights. Submit the sweep again: it is planned anew.");
        var weights = SafeTensors.Read(work.Artifacts.Get(given.Weights), $"artifact {given.Weights[..12]}… (given weights)");
        using (new GraphNetwork(came, weights, work.Device))
        {
            // Made for its check of names and shapes.
        }

        var made = given.AddsBatchNorm
            ? work.Artifacts.Put(SafeTensors.Write(
                FreshBatchNorm.Insert(came, weights, work.Data.CalibrationSample(MeasuredImages, seed: 0), work.Device, work.Stop).Weights))
            : given.Weights;
        return new(
            ImmutableSortedDictionary<string, string>.Empty.Add("weights", made),
            ImmutableSortedDictionary<string, double>.Empty.Add("layers", work.Graph.WeightedNodes.Count()).Add("parameters", GraphCost.Of(work.Graph).Parameters),
            []);
    }
}
