using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Identity;

/// <summary>The identity of one stage's work: two stages with one key make the same bytes, so only one of them runs.</summary>
public static class StageKey
{
    /// <summary>The key, 64 hex digits. Only what can change the stage's outcome enters it.</summary>
    /// <param name="inputs">Role to artifact hash, just the roles that <see cref="StageInputs"/> names.</param>
    /// <param name="data">Enters as a whole where images are read (train, finetune, collect, evaluate, compare, load that measures them); elsewhere its format alone, which gives the images'
    /// shape
    /// and the classes, and for measure not at all.</param>
    /// <param name="model">Enters everywhere but in compare and measure, which see predictions and files only.</param>
    /// <param name="numerics">Enters everywhere but in compare and measure.</param>
    /// <param name="seed">Enters where draws are made: train, permute, finetune, collect.</param>
    /// <param name="environment">Runtime with its version, and device fingerprint, for evaluate and measure; no other stage's key holds it.</param>
    /// <exception cref="ArgumentException">An input is missing or is none of the stage's, or evaluate or measure has no environment.</exception>
    public static string Of(
        Stage stage, IReadOnlyDictionary<string, string> inputs, DataIdentity data, ModelSettings model, NumericsFingerprint numerics, int seed,
        string environment)
    {
        var taken = StageInputs.Of(stage).From(inputs);
        if (inputs.Keys.FirstOrDefault(role => !taken.ContainsKey(role)) is { } stray)
            throw new ArgumentException($"'{stray}' is no input of {stage.Kind}, which takes {string.Join(", ", taken.Keys)}; leave it out.", nameof(inputs));

        var deployed = stage is EvaluateStage or MeasureStage;
        if (deployed && string.IsNullOrWhiteSpace(environment))
        {
            throw new ArgumentException(
                $"The environment of {stage.Kind} is empty; its outcome depends on the runtime, so name it with its version.", nameof(environment));
        }

        return Sha256.OfText(Content(stage, taken, data, model, numerics, seed, environment));
    }

    /// <summary>What enters the key beside the inputs, as canonical JSON, for people and for comparisons.</summary>
    public static string Enters(Stage stage, DataIdentity data, ModelSettings model, NumericsFingerprint numerics, int seed, string environment) =>
        Content(stage, inputs: null, data, model, numerics, seed, environment);

    private static string Content(
        Stage stage, ImmutableSortedDictionary<string, string>? inputs, DataIdentity data, ModelSettings model, NumericsFingerprint numerics, int seed, string environment)
    {
        var measured = stage is MeasureStage;
        var computed = stage is not (MeasureStage or CompareStage);
        var reads = (stage is LoadStage && model.Given is { AddsBatchNorm: true }) || stage is TrainStage or FinetuneStage or CollectStage or EvaluateStage or CompareStage;
        return CanonicalJson.Object(
            ("stage", CanonicalJson.Remembered(stage)),
            ("inputs", inputs is null ? null : CanonicalJson.Object([.. inputs.Select(input => (input.Key, (string?)CanonicalJson.Text(input.Value)))])),
            ("data", reads ? CanonicalJson.Remembered(data) : null),
            ("format", measured ? null : CanonicalJson.Text(data.Format)),
            ("model", computed ? CanonicalJson.Remembered(model) : null),
            ("numerics", computed ? CanonicalJson.Remembered(numerics) : null),
            ("seed", stage is TrainStage or PermuteStage or FinetuneStage or CollectStage ? seed.ToString(CultureInfo.InvariantCulture) : null),
            ("environment", stage is EvaluateStage or MeasureStage ? CanonicalJson.Text(environment) : null));
    }
}
