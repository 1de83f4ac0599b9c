using SparseGrid.Compression.Quantization;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Modules;

/// <summary>Finds the ranges of every quantizer of a network of modules.</summary>
/// <remarks>pytorch-quantization's collect_stats and compute_amax, but for one thing: its loop feeds one batch more than asked for.</remarks>
public static class ModuleCalibration
{
    /// <summary>The quantizers of a module and of all below it, with their names in the state dictionary.</summary>
    public static IEnumerable<(string Name, TensorQuantizer Quantizer)> Quantizers(nn.Module module) =>
        module.named_modules().Where(child => child.module is TensorQuantizer).Select(child => (child.name, (TensorQuantizer)child.module));

    /// <summary>Feeds batches through the float network while every quantizer collects; afterwards they quantize again as before.</summary>
    /// <param name="batches">Inputs of the network; just as many as are asked for are drawn.</param>
    /// <param name="count">How many are fed, at least 1.</param>
    /// <returns>How many were there and fed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException">There is no batch, or a value is NaN or infinite.</exception>
    public static int Collect(nn.Module<Tensor, Tensor> network, IEnumerable<Tensor> batches, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (TensorQuantizer Quantizer, bool Quantizing, bool Calibrating)[] before =
            [.. Quantizers(network).Select(each => (each.Quantizer, each.Quantizer.Quantizing, each.Quantizer.Calibrating))];
        try
        {
            foreach (var (quantizer, _, _) in before)
                (quantizer.Quantizing, quantizer.Calibrating) = (false, true);

            using var noGrad = no_grad();
            var fed = 0;
            foreach (var batch in batches.Take(count))
            {
                using var scope = NewDisposeScope();
                network.call(batch);
                fed++;
            }

            return fed > 0 ? fed : throw new ArgumentException("There is no batch: ranges are found from at least one.", nameof(batches));
        }
        finally
        {
            foreach (var (quantizer, quantizing, calibrating) in before)
                (quantizer.Quantizing, quantizer.Calibrating) = (quantizing, calibrating);
        }
    }

    /// <summary>Turns what every quantizer collected into its range.</summary>
    /// <exception cref="InvalidOperationException">A quantizer collected nothing.</exception>
    public static void Finish(nn.Module network)
    {
        foreach (var (_, quantizer) in Quantizers(network))
            quantizer.FinishCalibration();
    }
}
