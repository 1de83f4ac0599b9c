using SparseGrid.Contracts.Recipes;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Makes the model's settings of their values, and checks the rules between the keys of <c>model</c>.</summary>
internal sealed class ModelBuilder(SpecValues values, SpecProblems problems, string baseFolder)
{
    private static readonly string[] WeightFormats = [".pth", ".pt", ".safetensors"];

    /// <summary>The settings, and the files where the user brings some; null where a rule is broken or a value is missing.</summary>
    public (ModelSettings Model, ModelSource? Source)? Build()
    {
        var (file, weights) = (values.Maybe<string>("model.file"), values.Maybe<string>("model.weights"));
        if (file is not null)
            CheckFile(file);
        else if (weights is not null)
            CheckWeights(weights);

        if (file is null && values.Stands("model.bn"))
            problems.Add(values.LineOf("model.bn"), "model.bn", "is for model.file; networks that are built here have their BatchNorm. Leave model.bn out.");

        var source = file is not null ? new ModelSource(File: Resolve("model.file", file), BatchNorm: values.Maybe<string>("model.bn") == "fresh" ? "fresh" : null)
            : weights is not null ? new ModelSource(Weights: Resolve("model.weights", weights))
            : null;
        return problems.Any ? null
            : file is not null ? (new(ModelSettings.Imported), source)
            : (new(values.One<string>("model.network"), values.One<int>("model.width")), source);
    }

    private void CheckFile(string file)
    {
        void Refuse(string key, string why)
        {
            if (values.Stands(key))
                problems.Add(values.LineOf(key), key, why);
        }

        if (IsWeights(file))
        {
            problems.Add(
                values.LineOf("model.file"), "model.file",
                $"{Spelling.Quoted(file)} holds weights without layers; say which network they are for: model: {{ network: resnet34, weights: {Spelling.Line(file)} }}.");
        }

        Refuse("model.network", "stands beside model.file, which brings a network of its own; leave one of the two out.");
        Refuse("model.width", "is for networks that are built here; that of model.file has its own widths. Leave model.width out.");
        Refuse("model.weights", "stands beside model.file, which has its own weights; leave one of the two out.");
    }

    private void CheckWeights(string weights)
    {
        if (!IsWeights(weights))
        {
            problems.Add(
                values.LineOf("model.weights"), "model.weights",
                $"{Spelling.Quoted(weights)} is refused: weights are read from {string.Join(", ", WeightFormats)}; an ONNX file goes to model.file, without a network.");
        }
    }

    private static bool IsWeights(string path) => WeightFormats.Any(format => path.EndsWith(format, StringComparison.OrdinalIgnoreCase));

    private string? Resolve(string key, string path) => SpecPath.Resolve(key, path, values, problems, baseFolder);
}
