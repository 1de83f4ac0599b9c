namespace SparseGrid.Contracts.Stages;

/// <summary>One full training schedule, with SGD or AdamW.</summary>
/// <param name="Epochs">Passes over the training split, at least 1.</param>
/// <param name="BatchSize">Images a step; a last batch that is not full is left out, so that every step has one shape.</param>
/// <param name="LearningRate">Peak learning rate.</param>
/// <param name="Momentum">Of SGD: 0 to 1, below 1. AdamW does not use it.</param>
/// <param name="WeightDecay">L2 penalty on every trained value, as in the reference workflow; of AdamW a share taken off it, times the learning rate.</param>
/// <param name="Schedule">constant, cosine or step.</param>
/// <param name="WarmupEpochs">Epochs of linear warm-up from 0.</param>
/// <param name="StepEpochs">Epochs between two steps of the step schedule; unused by the others.</param>
/// <param name="StepFactor">Factor of a step.</param>
/// <param name="LabelSmoothing">Share of the target spread over all classes, 0 to 1.</param>
/// <param name="ShiftPixels">Random shift of each training image in both axes, at most so many pixels, zeros filled in.</param>
/// <param name="Flip">Random horizontal flip of half of the training images.</param>
/// <param name="Nesterov">True where SGD looks ahead along its momentum; otherwise null.</param>
/// <param name="AdamW">AdamW's numbers; null trains with SGD.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.train")]
public sealed record TrainSettings(
    int Epochs, int BatchSize = 64, double LearningRate = 0.1, double Momentum = 0.9, double WeightDecay = 1e-4, string Schedule = "cosine",
    double WarmupEpochs = 0, int StepEpochs = 30, double StepFactor = 0.1, double LabelSmoothing = 0, int ShiftPixels = 0, bool Flip = false,
    bool? Nesterov = null, AdamWSettings? AdamW = null);
