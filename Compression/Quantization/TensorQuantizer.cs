using SparseGrid.Compression.Quantization.Calibrators;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>A module that fake-quantizes what passes through it, calibrates its range, or learns it.</summary>
/// <remarks>
/// <para>The range (amax) is, in this order: the learned one; the buffer <c>_amax</c>, which settings, <see cref="SetAmax(Tensor)"/> or
/// <see cref="FinishCalibration"/> fill; the largest |x| of each input.</para>
/// <para>The state dictionary has pytorch-quantization's names: <c>_amax</c> once there is one, <c>clip.clip_value_min</c> and <c>clip.clip_value_max</c> of a
/// learned range.</para>
/// </remarks>
public sealed class TensorQuantizer : nn.Module<Tensor, Tensor>
{
    private const string AmaxName = "_amax";
    private readonly RangeClip? clip;
    private MaxCalibrator? largest;
    private ActivationHistogram? histogram;

    /// <param name="name">The tensor's name, for messages.</param>
    /// <exception cref="ArgumentException">The settings contradict themselves; names every fault.</exception>
    public TensorQuantizer(QuantizerSettings settings, string name = "input")
        : base(nameof(TensorQuantizer))
    {
        var problems = string.Join(" ", settings.Problems());
        if (problems.Length > 0)
            throw new ArgumentException($"The quantizer of '{name}' cannot be built. {problems}", nameof(settings));

        (Settings, TensorName, Levels) = (settings, name, settings.Levels);
        if (settings.LearnAmax)
            register_module("clip", clip = new RangeClip(-settings.Amax!.Value, settings.Amax.Value));
        if (settings.Amax is float amax)
            SetAmax(amax);
    }

    /// <summary>What it was built with.</summary>
    public QuantizerSettings Settings { get; }

    /// <summary>The tensor's name, for messages.</summary>
    public string TensorName { get; }

    /// <summary>The integers that values may become.</summary>
    public QuantizationLevels Levels { get; }

    /// <summary>False passes the input on as it is. Default true; calibration turns it off in the usual workflow.</summary>
    public bool Quantizing { get; set; } = true;

    /// <summary>True collects every input for <see cref="FinishCalibration"/>; only ranges or counts are kept, no activation. Default false.</summary>
    public bool Calibrating { get; set; }

    /// <summary>The calibrated or fixed range; null where there is none and each input gives its own. Float32: [] for one range, else of the input's rank.</summary>
    public Tensor? Amax => named_buffers(false).FirstOrDefault(buffer => buffer.name == AmaxName).buffer;

    /// <summary>The learned range; null where it is not learned.</summary>
    public RangeClip? Clip => clip;

    /// <summary>What calibration by a histogram has counted so far; null before, and for <see cref="CalibrationMethod.Max"/>.</summary>
    public ActivationHistogram? Histogram => histogram;

    /// <summary>Fixes one range for the tensor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, NaN or infinite.</exception>
    public void SetAmax(float amax)
    {
        _ = QuantizationScale.IsZero(amax);
        using var value = tensor(amax);
        SetAmax(value);
    }

    /// <summary>Fixes the range; an earlier one is replaced.</summary>
    /// <param name="amax">Float32: [] for one range, else of the input's rank with 1 on every axis that is not kept. Copied.</param>
    public void SetAmax(Tensor amax) => throw new NotImplementedException();

    /// <summary>Turns what was collected into the range, and forgets it.</summary>
    /// <exception cref="InvalidOperationException">Nothing was collected.</exception>
    public void FinishCalibration() => throw new NotImplementedException();

    /// <summary>The range that an input is quantized with, in its units.</summary>
    /// <returns>Float32, [] or of x's rank; the caller owns it.</returns>
    public Tensor RangeOf(Tensor x) => throw new NotImplementedException();

    /// <param name="x">Any floating type, any shape.</param>
    /// <returns>Of x's type and shape; the caller owns it.</returns>
    public override Tensor forward(Tensor x) => throw new NotImplementedException();
}
