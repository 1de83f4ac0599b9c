using System.Diagnostics;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Quantization;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Compression.Weights;

namespace SparseGrid.Benchmarks;

/// <summary>How long a network's file takes to become graph and weights, beside reading its bytes alone.</summary>
internal static class ImportTimes
{
    public static void Run(string name, int rounds)
    {
        var graph = ResNet.Build(name, new(3, 224, 224), 1000);
        var weights = GraphNetwork.Initial(graph, 1);
        var folder = Directory.CreateTempSubdirectory("sparsegrid-import-");
        try
        {
            string Write(string file, byte[] bytes)
            {
                var path = Path.Combine(folder.FullName, file);
                File.WriteAllBytes(path, bytes);
                return path;
            }

            var floats = Write("float.onnx", OnnxExporter.Export(graph, weights, new(BatchNorm: BatchNormForm.Keep)));
            var folded = Write("folded.onnx", OnnxExporter.Export(graph, weights, new()));
            var placement = QuantizerPlacement.Of(graph, Dialect.Ort);
            var quantized = Write("quantized.onnx", OnnxExporter.ExportQuantized(graph, weights, placement, Networks.Ranges(graph, placement), Dialect.Ort, new()));
            var state = Write("weights.safetensors", SafeTensors.Write(weights));

            Console.WriteLine($"{name}, {rounds} rounds after one for warm-up, in this order each; milliseconds: median [least, most]; the file is in the page cache");
            (string What, Action Do)[] forms =
            [
                ("read float.onnx", () => File.ReadAllBytes(floats)),
                ("import float.onnx", () => OnnxImport.Open(floats)),
                ("read folded.onnx", () => File.ReadAllBytes(folded)),
                ("import folded.onnx", () => OnnxImport.Open(folded)),
                ("read quantized.onnx", () => File.ReadAllBytes(quantized)),
                ("import quantized.onnx", () => OnnxImport.Open(quantized)),
                ("read weights.safetensors", () => File.ReadAllBytes(state)),
                ("load weights.safetensors", () => StateDictFile.Open(state).Into(graph)),
            ];
            var first = forms.Select(form => Time(form.Do)).ToArray();
            var times = forms.Select(_ => new List<double>()).ToArray();
            for (var round = 0; round < rounds; round++)
            {
                for (var form = 0; form < forms.Length; form++)
                    times[form].Add(Time(forms[form].Do));
            }

            for (var form = 0; form < forms.Length; form++)
            {
                times[form].Sort();
                Console.WriteLine($"{forms[form].What,-26} {times[form][rounds / 2],8:f1} [{times[form][0]:f1}, {times[form][^1]:f1}]; the first time {first[form]:f1}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Time(Action what)
    {
        GC.Collect();
        var clock = Stopwatch.StartNew();
        what();
        return clock.Elapsed.TotalMilliseconds;
    }
}
