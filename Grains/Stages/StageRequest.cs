using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Grains.Stages;

/// <summary>One stage to run.</summary>
/// <param name="Key">Its stage key; checkpoints are kept under it.</param>
/// <param name="Inputs">Role (weights, masks, histograms, ranges, onnx, baseline, predictions) to artifact hash; just the roles that the stage takes.</param>
/// <param name="AtOnce">Cancelled, after the token that asks to stop, where no checkpoint is wanted any more.</param>
public sealed record StageRequest(
    string Key, Stage Stage, Recipe Recipe, DataSettings Data, ImmutableSortedDictionary<string, string> Inputs, CancellationToken AtOnce = default);
