namespace SparseGrid.Compression.Training;

/// <summary>One full training with SGD.</summary>
/// <param name="Epochs">Passes over the training split, at least 1.</param>
/// <param name="BatchSize">Images a step.</param>
/// <param name="LearningRate">Peak learning rate.</param>
/// <param name="WarmupEpochs">Epochs of linear warm-up; may be a fraction.</param>
/// <param name="StepEpochs">Epochs between two drops of the step form.</param>
/// <param name="LabelSmoothing">Share of the target spread over all classes, 0 to 1.</param>
/// <param name="ShiftPixels">Largest random shift of an image in each axis.</param>
/// <param name="Flip">Mirror half of the images.</param>
/// <param name="Seed">Decides order and augmentation.</param>
public sealed record TrainingPlan(
    int Epochs, int BatchSize, double LearningRate, double Momentum, double WeightDecay, ScheduleForm Schedule, double WarmupEpochs, int StepEpochs,
    double StepFactor, double LabelSmoothing, int ShiftPixels, bool Flip, long Seed);
