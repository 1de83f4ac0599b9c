using Xunit.Sdk;

namespace SparseGrid.Compression.Tests.Golden;

/// <summary>Every recorded case of every index in the golden folder, one test each.</summary>
public sealed class GoldenTests(GoldenTally tally)
{
    // By the first of the reference's functions that a case calls.
    private static readonly (string Start, Func<GoldenCase, double> Compare)[] Kinds =
    [
        ("create_mask", MaskCases.Compare),
        ("ASP", AspCases.Compare),
        ("sum_after_2_to_4", PermutationCases.Compare),
        ("permutation_utilities.", PermutationCases.Compare),
        ("generate_all_unique_combinations", PermutationCases.Compare),
        ("Exhaustive_Search", PermutationCases.Compare),
        ("Channel_Swap", PermutationCases.Compare),
        ("accelerated_search_for_good_permutation", PermutationCases.Compare),
        ("fake_tensor_quant", FakeQuantCases.Compare),
        ("tensor_quant", FakeQuantCases.Compare),
        ("legacy_fake_tensor_quant", FakeQuantCases.Compare),
        ("fake_affine_tensor_quant", FakeQuantCases.Compare),
        ("TensorQuantizer", FakeQuantCases.Compare),
        ("QuantDescriptor", FakeQuantCases.Compare),
        ("HistogramCalibrator.", CalibratorCases.Compare),
        ("MaxCalibrator.", CalibratorCases.Compare),
        ("utils.reduce_amax", CalibratorCases.Compare),
        ("calibrate_weights", CalibratorCases.Compare),
        ("Quant", ModuleCases.Compare),
        ("BasicBlock", ModuleCases.Compare),
        ("Bottleneck", ModuleCases.Compare),
        ("models.classification", ModuleCases.Compare),
        ("collect_stats", ModuleCases.Compare),
        ("torch.onnx.export", OnnxCases.Compare),
    ];

    public static TheoryData<string, string> Cases => [.. GoldenIndex.All().SelectMany(index => index.Cases.Select(each => (index.Name, each.Id)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_golden_case_equals_the_reference(string index, string id)
    {
        var each = GoldenIndex.Open(index).Case(id);
        try
        {
            var compare = Kinds.FirstOrDefault(kind => each.Function.StartsWith(kind.Start, StringComparison.Ordinal)).Compare;
            Assert.SkipWhen(compare is null, $"the function {each.Function} has no counterpart here");
            tally.Ran(index, compare!(each));
        }
        catch (SkipException skip)
        {
            tally.Skipped(index, Reason(skip));
            throw;
        }
    }

    // xunit marks the reason with a token of its own.
    private static string Reason(SkipException skip) => skip.Message[(skip.Message.LastIndexOf('$') + 1)..];
}
