using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.Time.Testing;
using SparseGrid.Compression.Analysis;
using SparseGrid.Console;
using SparseGrid.Console.Commands;

namespace SparseGrid.Client.Tests.Quick;

/// <summary>The command on the sample's network and pictures made here.</summary>
public sealed class QuickCommandTests : IDisposable
{
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly StringWriter error = new() { NewLine = "\n" };
    private readonly string folder = Directory.CreateTempSubdirectory("sparsegrid-quick-").FullName;

    public QuickCommandTests()
    {
        File.Copy(Path.Combine(Root, "samples", "models", "digits-cnn.onnx"), Model);
        for (var i = 0; i < 40; i++)
        {
            var place = Directory.CreateDirectory(In($"images/{i % 10}")).FullName;
            var pixels = new byte[64];
            new Random(i).NextBytes(pixels);
            File.WriteAllBytes(Path.Combine(place, $"{i}.pgm"), [.. Encoding.ASCII.GetBytes("P5 8 8 255\n"), .. pixels]);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Root
    {
        get
        {
            var at = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(at.FullName, "SparseGrid.sln")))
                at = at.Parent!;
            return at.FullName;
        }
    }

    private string Model => In("digits.onnx");

    private string Results => In("results");

    private string In(string name) => Path.Combine(folder, name);

    private ExitCode Run(bool json = false, string? results = null, CancellationToken? stop = null) =>
        new QuickCommand(new(output, error, Interactive: false, Color: false, 120), new FakeTimeProvider())
            .Run(new(new QuickOptions(Model, In("images"), LatencyRuns: 2), results ?? Results, json), stop ?? TestContext.Current.CancellationToken);

    [Fact]
    public void Shows_methods_layers_and_changed_images_and_says_where_the_files_lie()
    {
        Assert.Equal(ExitCode.Done, Run());
        var text = output.ToString();
        Assert.Contains("network digits.onnx: 1x8x8, 10 classes, 6 layers with weights, 14,034 parameters\n", text);
        Assert.Contains("images  40, pictures in 10 folders: 10 to calibrate, 10 to choose by, 20 to evaluate (seed 0, classes in balance); preprocessing unit\n", text);
        Assert.Matches(@"\nmethod +top-1 % +agree % +score error +median ms +p99 ms +speed-up +KiB\n", text);
        Assert.Matches(@"\ndense FP32 .*100\.00 +0 .*1\.00x", text);
        foreach (var method in new[] { "max", "entropy", "percentile", "mse" })
            Assert.Matches($@"\n{method}( \*)? ", text);
        Assert.Matches(@"\nstem\.0 +16x1x3x3 ", text);
        Assert.Matches(@"(Take|Of its files the best is) (max|entropy|percentile|mse): most right of the 10 images to choose by", text);
        Assert.EndsWith($"\nReport: {In("results/quick.html")}, as JSON {In("results/quick.json")}\n", text);
        Assert.Equal(["digits-int8.onnx", "quick.html", "quick.json"], Directory.GetFiles(Results).Select(Path.GetFileName).Order());
        Assert.Empty(error.ToString());
    }

    [Fact]
    public void Json_is_the_document_alone_on_standard_output()
    {
        Assert.Equal(ExitCode.Done, Run(json: true));
        using var document = JsonDocument.Parse(output.ToString());
        Assert.True(document.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(4, document.RootElement.GetProperty("methods").GetArrayLength());
        Assert.Equal(6, document.RootElement.GetProperty("layers").GetArrayLength());
        Assert.Equal(output.ToString().TrimEnd(), File.ReadAllText(In("results/quick.json")).TrimEnd());
        Assert.Contains("evaluate dense", error.ToString());
    }

    [Fact]
    public void The_page_is_well_formed_asks_for_nothing_and_has_every_layer()
    {
        Run();
        var text = File.ReadAllText(In("results/quick.html"));
        var page = XDocument.Parse(text["<!DOCTYPE html>\n".Length..]);
        Assert.Contains("default-src 'none'", text);
        Assert.DoesNotMatch(@"(src|href)=""(?!data:|#)", text);
        foreach (var layer in new[] { "stem.0", "wide.0", "wide.3", "body.0", "near.0", "classifier" })
            Assert.Contains(page.Descendants("td"), cell => cell.Value == layer);
        using var document = JsonDocument.Parse(File.ReadAllText(In("results/quick.json")));
        Assert.Equal(document.RootElement.GetProperty("flips").GetArrayLength(), page.Descendants("img").Count());
    }

    [Fact]
    public void A_second_run_replaces_the_files_of_the_first_and_nothing_of_others()
    {
        Run();
        Assert.Equal(ExitCode.Done, Run());
        Directory.CreateDirectory(In("mine"));
        File.WriteAllText(In("mine/notes.txt"), "keep");
        Assert.Contains("it holds other files, among which nothing is written", Assert.Throws<InputException>(() => Run(results: In("mine"))).Message);
        Assert.Equal(["notes.txt"], Directory.GetFileSystemEntries(In("mine")).Select(Path.GetFileName));
    }

    [Fact]
    public void What_a_stop_leaves_is_shown_and_written()
    {
        using var stop = new CancellationTokenSource();
        using var watching = new StoppingWriter(stop, at: "time entropy");
        var code = new QuickCommand(new(watching, error, Interactive: false, Color: false, 120), TimeProvider.System)
            .Run(new(new QuickOptions(Model, In("images"), LatencyRuns: 2), Results), stop.Token);
        Assert.Equal(ExitCode.Stopped, code);
        Assert.Contains("stopped before the end: what follows is what was done by then", watching.ToString());
        Assert.Contains("Stopping: what is found by now is shown and written.", watching.ToString());
        Assert.Matches(@"\nentropy( \*)? .* – ", watching.ToString());
        Assert.Matches("(Take|Of its files the best is) (max|entropy): the best of 2 methods that were done", watching.ToString());
        Assert.True(File.Exists(In("results/digits-int8.onnx")));
        Assert.Contains("stopped before the end", File.ReadAllText(In("results/quick.html")));
    }

    [Fact]
    public async Task Options_out_of_range_are_refused_with_the_range()
    {
        async Task<string> Refused(params string[] options)
        {
            using var said = new StringWriter { NewLine = "\n" };
            var code = await CommandLineParser.Run(
                ["quick", Model, In("images"), .. options], new(said, said, Interactive: false, Color: false, 120), _ => throw new InvalidOperationException("quick starts no grid"), TimeProvider.System);
            Assert.Equal(ExitCode.BadInput, code);
            return said.ToString();
        }

        Assert.Contains("--most is 7: give a whole number from 8 to 100000.", await Refused("--most", "7"));
        Assert.Contains("--threads is 0: give a whole number from 1 to 256.", await Refused("--threads", "0"));
        Assert.Contains("'best'", await Refused("--preprocess", "best"));
    }

    /// <summary>Asks to stop when a word is written.</summary>
    private sealed class StoppingWriter(CancellationTokenSource stop, string at) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(at, StringComparison.Ordinal) == true)
                stop.Cancel();
        }
    }
}
