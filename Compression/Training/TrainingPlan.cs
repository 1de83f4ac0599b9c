namespace SparseGrid.Compression.Training;

/// <summary>One full training, with SGD or AdamW.</summary>
/// <param name="Epochs">Passes over the training split, at least 1.</param>
/// <param name="BatchSize">Images a step.</param>
/// <param name="LearningRate">Peak learning rate.</param>
/// <param name="Momentum">Of SGD; AdamW has its betas.</param>
/// <param name="WeightDecay">Of SGD an L2 penalty in the gradient; of AdamW a share taken off the weight.</param>
/// <param name="WarmupEpochs">Epochs of linear warm-up; may be a fraction.</param>
/// <param name="StepEpochs">Epochs between two drops of the step form.</param>
/// <param name="LabelSmoothing">Share of the target spread over all classes, 0 to 1.</param>
/// <param name="ShiftPixels">Largest random shift of an image in each axis.</param>
/// <param name="Flip">Mirror half of the images.</param>
/// <param name="Seed">Decides order and augmentation.</param>
/// <param name="Nesterov">SGD steps along the momentum looked ahead.</param>
/// <param name="AdamW">AdamW's numbers; null trains with SGD.</param>
public sealed record TrainingPlan(
    int Epochs, int BatchSize, double LearningRate, double Momentum, double WeightDecay, ScheduleForm Schedule, double WarmupEpochs, int StepEpochs,
    double StepFactor, double LabelSmoothing, int ShiftPixels, bool Flip, long Seed, bool Nesterov = false,
    AdamWForm? AdamW = null);
