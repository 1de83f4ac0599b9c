using System.Text.Json.Nodes;
using SparseGrid.Compression.Pruning;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Eligibility and masked training against apex.contrib.sparsity's ASP.</summary>
internal static class AspCases
{
    public static double Compare(GoldenCase each)
    {
        if (each.Argument("allow_permutation", false))
            return PermutedNetworkCases.Compare(each);
        if (each.Value("plan") is not null)
        {
            using var training = new AspTraining(each);
            return training.Run();
        }

        if (each.Value("rows") is JsonArray { Count: > 0 } rows)
        {
            if (rows[0]!["layer"] is not null)
                return AspEligibility.CompareLayers(rows);
            AspEligibility.CompareNames(rows, each.Notes);
            return 0;
        }

        Assert.SkipUnless(each.Value("assertions") is not null, "neither a plan, rows of eligibility nor assertions of misuse");
        CompareMisuse();
        return double.NaN;
    }

    // The reference keeps one model and one optimizer a process and asserts their order. Here an optimizer is made of its masks, which belong to it alone, and any number of
    // networks are trained side by side.
    private static void CompareMisuse()
    {
        using var scope = NewDisposeScope();
        (string Name, Tensor Value)[] weight = [("fc.weight", ones(8, 16))];
        Assert.Throws<ArgumentNullException>(() => new MaskedSgd(weight, (TrainingMasks)null!, 0.9, 0));
        using var masks = TrainingMasks.Dense(weight, MaskPattern.TwoFour, keepPruned: false);
        using var first = new MaskedSgd(weight, masks, 0.9, 0);
        Assert.Contains("belong to an optimizer already", Assert.Throws<InvalidOperationException>(() => new MaskedSgd(weight, masks, 0.9, 0)).Message, StringComparison.Ordinal);
        (string Name, Tensor Value)[] another = [("fc.weight", ones(8, 16))];
        using var second = new MaskedSgd(another, new Dictionary<string, HostArray>(), 0.9, 0);
    }
}
