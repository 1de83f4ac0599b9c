using System.CommandLine;
using SparseGrid.Compression.Analysis;

namespace SparseGrid.Console.Commands;

/// <summary>The options of <c>sparsegrid quick</c>.</summary>
internal static class QuickCommandLine
{
    private const string Examples = """
        Examples:
          sparsegrid quick mynet.onnx images/                              pictures in a folder for each class; results in mynet-quick
          sparsegrid quick mynet.onnx photos/ --preprocess unit            one folder without classes: agreement with the dense network
          sparsegrid quick resnet18.onnx val/ --labels imagenet.txt --most 300 --threads 2
          sparsegrid quick digits.onnx digits/ --mean 0.306 --std 0.377    grey pictures, normalized as in its training
          sparsegrid quick small.onnx fashion-mnist --json > quick.json    a known data set; the document on standard output
        Preprocessing: imagenet (shorter side to 256/224 of the network's, middle cut out, minus mean over deviation of ImageNet), unit (0 to 1), signed (-1 to 1), bytes (0 to 255);
        unless given, imagenet for pictures and three channels, else unit. A quarter of the images calibrates, a quarter chooses the method, half evaluates.
        """;

    /// <summary>The command.</summary>
    public static Command Of(Terminal terminal, TimeProvider clock, Option<bool> json, Option<bool> verbose)
    {
        var model = new Argument<string>("MODEL") { Description = "A classifier as an ONNX file." };
        var images = new Argument<string>("IMAGES") { Description = "A folder of pictures, with a sub-folder for each class or without; .npz, .csv, IDX or CIFAR files; or fashion-mnist." };
        var output = new Option<string?>("--output") { Description = "Folder of the results; MODEL-quick unless given.", HelpName = "DIR" };
        var preprocess = new Option<string?>("--preprocess") { Description = "How pictures become the network's input; below.", HelpName = "NAME" };
        var mean = new Option<string?>("--mean") { Description = "Mean of pixels from 0 to 1 in place of the preset's, one number or one for each channel.", HelpName = "M[,M,M]" };
        var std = new Option<string?>("--std") { Description = "Deviation, in the same way.", HelpName = "S[,S,S]" };
        preprocess.AcceptOnlyFromAmong("imagenet", "unit", "signed", "bytes");
        var shape = new Option<string?>("--shape") { Description = "Shape of an image, where the file leaves it open.", HelpName = "CxHxW" };
        var labels = new Option<string?>("--labels") { Description = "Names of the classes, one a line, in the order of the scores.", HelpName = "FILE" };
        var most = OptionRange.Number("--most", "Images used at most, in balance over the classes.", QuickOptions.FewestImages, 100_000, new QuickOptions("", "").MostImages);
        var calibration = new Option<int?>("--calibration") { Description = "Images that ranges come from; a quarter, at most 256, unless given.", HelpName = "N" };
        OptionRange.AddTo(calibration, 1, 100_000);
        var seed = OptionRange.Number("--seed", "Decides which images are used for what.", 0, 2_000_000_000, 0);
        var threads = OptionRange.Number("--threads", "Threads of every computation.", 1, 256, 1);
        var batch = OptionRange.Number("--batch", "Images a timed call.", 1, 1024, 1);
        var runs = OptionRange.Number("--runs", "Timed calls of each file.", 1, 100_000, new QuickOptions("", "").LatencyRuns);
        var quick = new Command("quick", "See what INT8 without training does to a network of yours: accuracy by calibration method, latency, costly layers, changed images.")
        {
            model, images, output, shape, preprocess, mean, std, labels, most, calibration, seed, threads, batch, runs, json,
        };
        CommandExamples.AddTo(quick, Examples);
        quick.SetAction(async (parsed, _) => (int)await CommandLineParser.Guarded(parsed.GetValue(verbose), terminal, null, () =>
        {
            using var signals = new StopSignals(() => StopSignals.EndAtOnce(ExitCode.Killed));
            var options = new QuickOptions(
                parsed.GetValue(model)!, parsed.GetValue(images)!, parsed.GetValue(preprocess), parsed.GetValue(labels), parsed.GetValue(most), parsed.GetValue(calibration),
                parsed.GetValue(seed), parsed.GetValue(threads), parsed.GetValue(batch), parsed.GetValue(runs), parsed.GetValue(mean), parsed.GetValue(std),
                parsed.GetValue(shape));
            return Task.FromResult(new QuickCommand(terminal, clock).Run(new(options, parsed.GetValue(output), parsed.GetValue(json)), signals.Asked));
        }));
        return quick;
    }
}
