using System.Collections.Immutable;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Every key of a sweep spec, once: name, value, default, meaning. The reader goes by it; the schema and the reference are checked against
/// it.</summary>
internal static class SpecVocabulary
{
    private static readonly WholeNumber Seeds = new(0, 2_000_000_000);

    /// <summary>Paths of data.</summary>
    public static Text DataPaths { get; } = new(@"^[^\x00-\x1f]+$", "the path of a file or folder, relative to this file's folder");

    private static readonly Text Paths = new(@"^[^\x00-\x1f]+$", "the path of a file, relative to this file's folder");

    /// <summary>Shapes of images.</summary>
    public static Text ImageShapes { get; } =
        new("^[1-9][0-9]{0,3}x[1-9][0-9]{0,3}x[1-9][0-9]{0,3}$", "channels, rows and columns of one image: 1x28x28");

    private static readonly Section Augment = new([
        new("shift", new WholeNumber(0, 64), "Random shift of each training image along both axes, at most so many pixels.", Default: 0),
        new("flip", new Truth(), "Random horizontal flip of half of the training images.", Default: false),
    ]);

    private static readonly ImmutableArray<SpecKey> Schedule = [
        new("batch_size", new WholeNumber(1, 65_536), "Images a step; a last batch that is not full is left out.", Default: 64),
        new("optimizer", new Word(["sgd", "adamw"]), "How a step is made of the gradient.", Default: "sgd"),
        new("momentum", new RealNumber(0, 1, Below: true), "Momentum of sgd; adamw does not use it.", Default: 0.9),
        new("nesterov", new Truth(), "Whether sgd looks ahead along its momentum; adamw does not use it.", Default: false),
        new("beta1", new RealNumber(0, 1, Below: true), "Share of the mean gradient that adamw keeps at a step; sgd does not use it.", Default: 0.9),
        new("beta2", new RealNumber(0, 1, Below: true), "Share of the mean squared gradient that adamw keeps at a step; sgd does not use it.", Default: 0.999),
        new("epsilon", new RealNumber(0, 1, Above: true), "Added by adamw to the root of the mean squared gradient; sgd does not use it.", Default: 1e-8),
        new(
            "weight_decay", new RealNumber(0, 1), "L2 penalty on every trained value; with adamw a share taken off it, times the learning rate.", Default: 1e-4),
        new("schedule", new Word(["constant", "cosine", "step"]), "How the learning rate falls after the warm-up.", Default: "cosine"),
        new("warmup_epochs", new RealNumber(0, 100_000), "Epochs of linear warm-up from 0; at most the epochs.", Default: 0.0),
        new("step_epochs", new WholeNumber(1, 100_000), "Epochs between two steps of the step schedule; the others do not use it.", Default: 30),
        new("step_factor", new RealNumber(0, 1, Above: true), "Factor of each step of the step schedule; the others do not use it.", Default: 0.1),
        new("label_smoothing", new RealNumber(0, 1, Below: true), "Share of the target spread over all classes.", Default: 0.0),
        new("augment", Augment, "Random changes of training images."),
    ];

    private static readonly SpecKey Epochs = new("epochs", new WholeNumber(1, 100_000), "Passes over the training split.", Required: true);

    private static readonly RealNumber Rates = new(0, 100, Above: true);

    private static readonly Section Train = new([Epochs, new("learning_rate", Rates, "Peak learning rate; adamw has no default for it.", Default: 0.1), .. Schedule]);

    private static readonly Section Finetune = new([Epochs, new("learning_rate", Rates, "Peak learning rate.", Required: true), .. Schedule]);

    private static readonly Section Prune = new([
        new("pattern", new PatternName(), "Which weights stay, by magnitude; below.", Default: "m4n2_1d"),
        new("exclude", new LayerList(MayBeEmpty: true), "Layers that stay dense."),
    ]);

    private static readonly Section Permute = new([
        new(
            "search", new Word(["none", "exhaustive-8", "exhaustive-12", "channel-swap", "progressive-swap"]),
            "How another order of the channels is searched, under which pruning keeps more.", Default: "none"),
        new("escapes", new WholeNumber(0, 1_000_000), "Random exchanges out of a state that no step improves; the progressive swap does not use it.", Default: 100),
        new("tries", new WholeNumber(1, 100_000_000), "Exchanges that the progressive swap tries; the others do not use it.", Default: 100_000),
    ]);

    private static readonly Section Calibrate = new([
        new("method", new Word(["max", "entropy", "percentile", "mse"]), "How the range of each activation is chosen from its histogram.", Default: "max"),
        new("images", new WholeNumber(1, 10_000_000), "Calibration images, a class-balanced sample of the training split.", Default: 512),
        new("bins", new WholeNumber(256, 32_768), "Histogram bins of the first batch's range.", Default: 2048),
        new(
            "percentile", new RealNumber(50, 100, Above: true), "Share of the values kept in range, in percent; the percentile method alone uses it.", Default: 99.99),
        new("zeros", new Word(["count", "skip"]), "Whether values of exactly 0 enter the histogram.", Default: "count"),
        new("start_bin", new WholeNumber(128, 32_768), "The smallest range that entropy and mse try, in bins; the other methods do not use it.", Default: 128),
        new("stride", new WholeNumber(1, 1024), "How many bins further the next range is that entropy and mse try; the other methods do not use it.", Default: 1),
        new("weights", new Word(["max", "percentile", "mse"]), "How the range of each weight is chosen.", Default: "max"),
        new(
            "weights_percentile", new RealNumber(50, 100, Above: true), "Share of the weights kept in range, in percent; `weights: percentile` alone uses it.",
            Default: 99.99),
        new("granularity", new Word(["channel", "tensor"]), "What shares a range of weights: each output channel, or the whole weight.", Default: "channel"),
    ]);

    private static readonly Section Quantize = new([
        new(
            "dialect",
            new Word(["ort", "tensorrt", MeasureSettings.CudaInt8]),
            "Form of the quantized network: signs of activations, what is quantized, how the file stores it.", Default: "ort"),
        new("rounding", new Word(["pq", "torch", "onnx"]), "How fake quantization rounds and passes gradients.", Default: "onnx"),
        new("include", new LayerList(MayBeEmpty: false), "The layers that are quantized; all unless given."),
        new("exclude", new LayerList(MayBeEmpty: true), "Layers that stay in float, also where `include` names them."),
        new("residual", new Truth(), "Whether residual adds read quantized tensors.", Default: true),
        new(
            "float_ends", new Word(["none", "first", "last", "both"]),
            "The layers with weights at the ends of the network that stay in float.", Default: "none"),
    ]);

    private static readonly Section Export = new([
        new("opset", new WholeNumber(13, 21), "ONNX operator set of the exported file.", Default: 13),
        new("bn", new Word(["fold", "keep"]), "Whether BatchNorm is folded into the convolution before it.", Default: "fold"),
    ]);

    private static readonly SpecKey ExportKey = new("export", Export, "How the deployed file is written.");
    private static readonly SpecKey CalibrateKey = new("calibrate", Calibrate, "How the ranges of activations and weights are found.");
    private static readonly SpecKey QuantizeKey = new("quantize", Quantize, "How the network is quantized to INT8.");
    private static readonly SpecKey FromKey = new("from", new WordList(["dense", "sparse"]), "Kinds of variants that it is made from.", Required: true);

    // With weights of the user's own nothing need be trained.
    private static readonly ImmutableArray<string> Given = ["model.file", "model.weights"];

    private static readonly Section Variants = new([
        new(
            "dense",
            new Section([
                new("train", Train, "Training from seeded initial weights, or on from given ones.", Required: true, Optional: true) { Unless = Given },
                ExportKey,
            ]),
            "Dense FP32 variants, the baselines.", Required: true) { Unless = Given },
        new(
            "sparse",
            new Section([
                new("from", new WordList(["dense"]), "Kind of variant that it is made from.", Default: ImmutableArray.Create("dense")),
                new("permute", Permute, "How channels are reordered before pruning."),
                new("prune", Prune, "How weights are chosen."),
                new("finetune", Finetune, "Training after pruning, the zeros kept.", Required: true),
                ExportKey,
            ]),
            "2:4 sparse FP32 variants of each dense one.", Optional: true),
        new("ptq", new Section([FromKey, CalibrateKey, QuantizeKey, ExportKey]), "INT8 variants by post-training quantization.", Optional: true),
        new(
            "qat",
            new Section([FromKey, CalibrateKey, new("finetune", Finetune, "Training with fake quantization.", Required: true), QuantizeKey, ExportKey]),
            "INT8 variants by quantization-aware training.", Optional: true),
    ]);

    /// <summary>The whole spec.</summary>
    public static Section Root { get; } = new([
        new("$schema", new Text(".", "the schema's address, for editors"), "Address of the JSON schema, for editors; the reader ignores it."),
        new("sweep", new Text("^[a-z0-9-]{1,63}$", "a name of 1 to 63 characters: a to z, 0 to 9, -"), "The sweep's name.", Required: true),
        new("seed", Seeds, "Seed of the first replicate; replicate r uses seed + r.", Default: 0),
        new(
            "model",
            new Section(
                [
                    new(
                        "network", new Word(["resnet8", "resnet20", "resnet18", "resnet34", "resnet50"]),
                        "The network: 8 and 20 layers for small images, 18 to 50 as in torchvision. Not beside `file`.", Required: true) { Unless = ["model.file"] },
                    new("width", new WholeNumber(0, 1024), "Channels of the first stage; 0 takes the network's usual number. Not beside `file`.", Default: 0),
                    new("file", Paths, "A network of your own, an ONNX file; a relative path starts at the spec's folder."),
                    new(
                        "bn", new Word(["given", "fresh"]),
                        "Whether convolutions of `file` without BatchNorm, which exporters fold away, get a new one for training.", Default: "given"),
                    new("weights", Paths, "Trained weights of `network`: .pth, .pt or .safetensors; a relative path starts at the spec's folder."),
                ],
                Short: "file"),
            "The network that is compressed.", Required: true),
        new(
            "data",
            new Section([
                new("format", new Word([.. DataFormatRule.All.Select(rule => rule.Name)]), "How the files are laid out, or a named data set; below.", Required: true),
                new("path", DataPaths, "File or folder; a relative path starts at the spec's folder. Named sets are looked for where they usually are without it."),
                new(
                    "validation", new ShareOrNumber(),
                    "Images held out of training, as a share of those that are not test images or as a number; choices are made on them.", Default: 0.15),
                new(
                    "test", new ShareOrNumber(),
                    "Images kept for the final table, as a share of all or as a number; 0.2 unless the data bring their own. Nothing is chosen on them."),
                new("shape", ImageShapes, "Shape of one image, for csv, and for npz where its arrays can be read in two ways."),
                new("classes", new WholeNumber(2, 65_536), "Number of classes, for idx, npz and csv; otherwise the labels name each class from 0 on."),
                new("pixel_max", new WholeNumber(1, 255), "Pixel value that becomes 1, for csv; 255 unless given. 1 reads decimals from 0 to 1."),
                new("label", new Word(["first", "last"]), "Where the label of a line stands, for csv; last unless given."),
                new(
                    "normalize",
                    new Section([
                        new("mean", new ChannelNumbers(new(-1000, 1000)), "Taken off every pixel, which is from 0 to 1.", Required: true),
                        new("std", new ChannelNumbers(new(0, 1000, Above: true)), "What the difference is divided by.", Required: true),
                    ]),
                    "What a network was trained to be given instead of pixels from 0 to 1.", Optional: true),
                new("split_seed", Seeds, "Decides which images are held out; the same for all replicates.", Default: 0),
            ]),
            "The images, and how they are split.", Required: true),
        new(
            "numerics",
            new Section([
                new("device", new Word(["cpu", "cuda"]), "Where stages compute.", Default: "cpu"),
                new("threads", new WholeNumber(1, 256), "Intra-op threads of one slot; another number gives other bits.", Default: 1),
            ]),
            "How stages compute; part of every identity."),
        new("variants", Variants, "The tree of variants. Every scalar below it may be a choice.", Required: true, Axes: true),
        new(
            "measure",
            new Section([
                new(
                    "runtime", new Word([MeasureSettings.OnnxRuntime, MeasureSettings.CudaInt8]), "What executes the deployed files: the processor, or this project's engine on a GPU.",
                    Default: MeasureSettings.OnnxRuntime),
                new(
                    "latency",
                    new Section([
                        new("batch", new WholeNumber(1, 65_536), "Images a call.", Default: 1),
                        new("threads", new WholeNumber(1, 256), "Intra-op threads of the runtime; cuda-int8 does not use them.", Default: 1),
                        new("warmup", new WholeNumber(0, 1_000_000), "Calls before the clock counts.", Default: 50),
                        new("runs", new WholeNumber(0, 10_000_000), "Counted calls, interleaved with as many of the dense baseline; 0 measures no latency.", Default: 300),
                    ]),
                    "How latency is measured."),
            ]),
            "How deployed files are measured."),
        new(
            "goals",
            new Section([
                new("accuracy", new AtMost("drop", "pp", new(0, 100)), "Largest drop of top-1 from the best dense variant of the same seed, in percentage points."),
                new("latency", new AtMost("", "x", new(0, 1000, Above: true)), "Largest median latency, as a multiple of the dense ancestor's."),
                new("size", new AtMost("", "x", new(0, 1000, Above: true)), "Largest file, as a multiple of the dense ancestor's."),
            ]),
            "What a variant must meet to be recommended.", Optional: true),
        new("replicates", new WholeNumber(1, 1000), "How often the whole tree is run, each time with its own seed.", Default: 1),
        new(
            "budget",
            new Section([
                new("wall", new Duration(TimeSpan.FromDays(366)), "Wall time from the submission, after which no further variant starts."),
                new("trials", new WholeNumber(1, SpecReader.MostTrials), "Trials that are run at most; results that are there already cost none."),
            ]),
            "What the sweep may spend.", Optional: true),
    ]);
}
