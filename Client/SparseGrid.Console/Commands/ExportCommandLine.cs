using System.CommandLine;
using SparseGrid.Console.Embedded;

namespace SparseGrid.Console.Commands;

/// <summary>The options of <c>sparsegrid export</c>.</summary>
internal static class ExportCommandLine
{
    private const string Examples = """
        Examples:
          sparsegrid export samples/digits.sweep.yaml                          the recommended variant, in the folder digits-IDENTITY
          sparsegrid export SPEC --variant "dense/ptq mse" --output deploy     another one, by its path in the table
          sparsegrid export SPEC --variant 7 --batch 1                         by its index; the file takes one image a call
        A bundle holds model.onnx, preprocessing.json, images with their scores and check.py that compares them, trtexec lines, and where it all comes from.
        """;

    /// <summary>The command.</summary>
    public static Command Of(Terminal terminal, Func<EmbeddedSettings, Task<IGrid>> start, Argument<string> spec, Option<string> folder, Option<bool> verbose)
    {
        var variant = new Option<string>("--variant")
        {
            Description = "Path in the table, index, or first digits of the id.", HelpName = "PATH|INDEX|ID|recommended", DefaultValueFactory = _ => ExportArguments.Recommended,
        };
        var output = new Option<string?>("--output") { Description = "The bundle's folder; SWEEP-ID unless given. No file there is overwritten.", HelpName = "DIR" };
        var batch = new Option<int?>("--batch") { Description = "Fix the images a call, 1 to 65536; any number unless given.", HelpName = "N" };
        OptionRange.AddTo(batch, 1, 65536);
        var images = new Option<int>("--images")
        {
            Description = "Test images to check by, 1 to 1000.", HelpName = "N", DefaultValueFactory = _ => ExportArguments.UsualImages,
        };
        OptionRange.AddTo(images, 1, 1000);
        var export = new Command("export", "Write one variant of a finished sweep as a folder that others can deploy and check.")
        {
            spec, folder, variant, output, batch, images,
        };
        CommandExamples.AddTo(export, Examples);
        export.SetAction(async (parsed, _) => (int)await CommandLineParser.Guarded(parsed.GetValue(verbose), terminal, parsed.GetValue(folder)!, async () =>
        {
            using var signals = new StopSignals(() => StopSignals.EndAtOnce(ExitCode.Killed));
            return await new ExportCommand(terminal, start).Run(
                new(
                    parsed.GetValue(spec)!, parsed.GetValue(folder)!, parsed.GetValue(variant)!, parsed.GetValue(output), parsed.GetValue(batch), parsed.GetValue(images)),
                signals.Asked);
        }));
        return export;
    }
}
