using SparseGrid.Compression.Quantization.Calibrators;
using TorchSharp;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Quantization;

/// <summary>A module that fake-quantizes what passes through it, calibrates its range, or learns it.</summary>
/// <remarks>
/// <para>The range (amax) is the first of these that there is: the learned one; the buffer <c>_amax</c>, which settings, <see cref="SetAmax(Tensor)"/> or
/// <see cref="FinishCalibration"/> fill; the largest |x| of each input.</para>
/// <para>The state dictionary has pytorch-quantization's names: <c>_amax</c> once there is one, <c>clip.clip_value_min</c> and <c>clip.clip_value_max</c> of a
/// learned range. A quantizer that is to be filled from one with <c>_amax</c> is given any range first.</para>
/// <para>Usage: <c>Calibrating = true; Quantizing = false</c>, some forward passes, <see cref="FinishCalibration"/>, and both back.</para>
/// </remarks>
public sealed class TensorQuantizer : nn.Module<Tensor, Tensor>
{
    private const string AmaxName = "_amax";
    private readonly RangeClip? clip;
    private readonly MaxCalibrator largest;

    /// <param name="settings">What it does.</param>
    /// <param name="name">The tensor's name, for messages.</param>
    /// <exception cref="ArgumentException">The settings contradict themselves; names every fault.</exception>
    public TensorQuantizer(QuantizerSettings settings, string name = "input")
        : base(nameof(TensorQuantizer))
    {
        var problems = string.Join(" ", settings.Problems());
        if (problems.Length > 0)
            throw new ArgumentException($"The quantizer of '{name}' cannot be built. {problems}", nameof(settings));

        (Settings, TensorName, Levels, largest) = (settings, name, settings.Levels, new(settings.Axes));
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

    /// <summary>False passes the input on as it is. Default true.</summary>
    public bool Quantizing { get; set; } = true;

    /// <summary>True collects every input for <see cref="FinishCalibration"/>; ranges or counts are kept, never an activation. Default false.</summary>
    public bool Calibrating { get; set; }

    /// <summary>The calibrated or fixed range; null where there is none and each input gives its own. Float32: [] for one range, else of the input's rank.</summary>
    public Tensor? Amax => get_buffer(AmaxName);

    /// <summary>The learned bounds; null where the range is not learned.</summary>
    public RangeClip? Clip => clip;

    /// <summary>What calibration by a histogram has counted; null before, and for <see cref="CalibrationMethod.Max"/>.</summary>
    public ActivationHistogram? Histogram { get; private set; }

    /// <summary>Fixes one range for the tensor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, NaN or infinite.</exception>
    public void SetAmax(float amax)
    {
        using var value = tensor(amax);
        SetAmax(value);
    }

    /// <summary>Fixes the range; an earlier one is replaced.</summary>
    /// <param name="amax">Float32: one value, or of the input's rank with 1 on every axis that shares a range. Copied.</param>
    /// <exception cref="ArgumentException">It is not float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A range is negative, NaN or infinite.</exception>
    public void SetAmax(Tensor amax)
    {
        if (amax.dtype != ScalarType.Float32)
            throw new ArgumentException($"The range of '{TensorName}' is {amax.dtype}: ranges are Float32. Convert it first.", nameof(amax));

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var range in amax.cpu().contiguous().data<float>())
            _ = QuantizationScale.IsZero(range);
        var kept = (amax.numel() == 1 ? amax.view() : amax).detach().clone();
        var earlier = Amax;
        ConditionallyRegisterBuffer(AmaxName, kept.DetachFromDisposeScope());
        earlier?.Dispose();
    }

    /// <summary>Turns what was collected into the range, and forgets it. A learned range starts from it again.</summary>
    /// <exception cref="InvalidOperationException">Nothing was collected.</exception>
    public void FinishCalibration()
    {
        if (Settings.Calibration != CalibrationMethod.Max)
        {
            var histogram = Histogram ?? throw Uncollected();
            SetAmax(ActivationCalibrator.Amax(histogram, new RangeSearch(Settings.Calibration, Settings.Percentile), Levels));
            Histogram = null;
        }
        else
        {
            SetAmax(largest.Amax ?? throw Uncollected());
            largest.Reset();
        }

        if (clip is null)
            return;
        using var noGrad = no_grad();
        using var low = Amax!.neg();
        clip.Low.copy_(low);
        clip.High.copy_(Amax!);
    }

    /// <summary>The range that an input is quantized with, in its units.</summary>
    /// <returns>Float32, [] or of x's rank; the caller owns it. It carries no gradient.</returns>
    public Tensor RangeOf(Tensor x)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var range = clip is not null ? maximum(clip.Low.neg(), clip.High)
            : Amax is Tensor amax ? amax.alias()
            : MaxCalibrator.LargestMagnitude(x, Settings.Axes);
        return (Settings.AmaxFactor == 1 ? range : Native.NativeScalar.With(Settings.AmaxFactor, range.mul)).MoveToOuterDisposeScope();
    }

    /// <summary>Collects, clips and quantizes, as it is set.</summary>
    /// <param name="x">Float32, float64, float16 or bfloat16, any shape.</param>
    /// <returns>Of x's type and shape; the caller owns it.</returns>
    /// <exception cref="ArgumentException">A type or shape does not fit the range, or, where it looks (<see cref="QuantizerSettings.Checked"/>, a range of its own for
    /// each input on the processor), a value cannot be quantized.</exception>
    public override Tensor forward(Tensor x)
    {
        if (Calibrating)
            Collect(x);
        if (!Quantizing)
            return x.alias();
        if (Settings.Checked)
            Check(x);
        if (x.numel() == 0)
            return x.clone();

        using var scope = NewDisposeScope();
        var clipped = clip?.call(x) ?? x;
        var amax = RangeOf(clipped);
        if (Amax is null && clip is null && x.device_type == DeviceType.CPU && !amax.isfinite().all().item<bool>())
            throw NotFinite();
        var y = Settings.Dequantizes
            ? FakeQuantization.Of(clipped, amax, Levels, Settings.Rule)
            : FakeQuantization.Levels(clipped, amax, Levels, Settings.Rule);
        return y.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            largest.Dispose();
        base.Dispose(disposing);
    }

    private void Collect(Tensor x)
    {
        if (Settings.Calibration == CalibrationMethod.Max)
            largest.Collect(x, TensorName);
        else
            (Histogram ??= new()).Collect(x, TensorName);
    }

    private void Check(Tensor x)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (!x.isfinite().all().item<bool>())
            throw NotFinite();
        if (!Settings.Signed && x.numel() > 0 && x.min().to(ScalarType.Float32).item<float>() is < 0 and var least)
            throw new ArgumentException($"'{TensorName}' holds {least}, but its quantizer is unsigned and would make it 0. Quantize it signed, or after a ReLU.", nameof(x));
    }

    private ArgumentException NotFinite() => new($"'{TensorName}' holds NaN or infinite values, which have no range. Check what computes it.");

    private InvalidOperationException Uncollected() => new($"The quantizer of '{TensorName}' has collected nothing. Set Calibrating and pass at least one batch through it.");
}
