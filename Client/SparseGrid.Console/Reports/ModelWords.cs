using System.Collections.Immutable;
using System.Globalization;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;

namespace SparseGrid.Console.Reports;

/// <summary>The network of a sweep, for people.</summary>
public static class ModelWords
{
    /// <summary>Its name: resnet8; mynet.onnx; resnet34 with resnet34.pth.</summary>
    public static string Name(SweepSpec spec) => spec.Source switch
    {
        null => spec.Model.Network,
        { File: { } file } => Path.GetFileName(file),
        { Path: var weights } => $"{spec.Model.Network} with {Path.GetFileName(weights)}",
    };

    /// <summary>What the user brought: mynet.onnx, SHA-256 1f3a…, layers and parameters.</summary>
    public static string Described(PlannedModel model) => string.Create(
        CultureInfo.InvariantCulture,
        $"{model.File}, SHA-256 {model.FileDigest}: {Words.Count(model.Layers, "layer")} with weights, {model.Parameters:N0} parameters, images of {model.Input}, {model.Classes} classes");

    /// <summary>Lines of a plan: the network, then what its import had to say.</summary>
    public static ImmutableArray<string> Lines(PlannedModel? model) => model is null
        ? []
        : [$"model {Described(model)}", .. model.Notes.Select(note => $"  {Words.OneLine(note)}")];
}
