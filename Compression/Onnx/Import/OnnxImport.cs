using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx.Schema;

namespace SparseGrid.Compression.Onnx.Import;

/// <summary>Reads image classifiers from ONNX files into the layer graph, in which they train, are pruned and quantized.</summary>
/// <remarks>
/// Operator sets 11 to 21 (onnx/onnx, docs/Operators.md), as PyTorch's exporters write them. Arithmetic on shapes is folded; identities, dropouts and a softmax at the end go.
/// </remarks>
public static class OnnxImport
{
    private const int OldestOpset = 11;
    private const int NewestOpset = 21;

    /// <summary>The network of a file.</summary>
    /// <param name="path">The model; arrays that it keeps in other files are looked for beside it.</param>
    /// <param name="input">Shape of an image where the file leaves rows or columns open; null otherwise.</param>
    /// <exception cref="InvalidDataException">The file is no ONNX model, damaged, or uses what the layer graph lacks: the message names the node, its operation and what to do.</exception>
    public static ImportedNetwork Open(string path, ImageShape? input = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Read(File.ReadAllBytes(path), path, input, (location, offset, length) => Beside(folder, location, offset, length));
    }

    /// <summary>The network of a file's bytes, all in one.</summary>
    /// <param name="source">What the bytes are, for messages.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Open"/>.</exception>
    public static ImportedNetwork Read(byte[] onnx, string source, ImageShape? input = null) =>
        Read(onnx, source, input, (location, _, _) => throw new InvalidDataException($"its weights are in another file, '{location}'; open the model by its path"));

    private static ImportedNetwork Read(byte[] onnx, string source, ImageShape? input, Func<string, long, long, byte[]> external)
    {
        try
        {
            var model = ExportedSparsity.Parse(onnx);
            var opset = model.OpsetImport.FirstOrDefault(each => each.Domain is "" or "ai.onnx")?.Version ?? 0;
            if (opset is < OldestOpset or > NewestOpset)
                throw new InvalidDataException($"its operator set is {opset}; {OldestOpset} to {NewestOpset} are read. Export it anew, or convert it with onnx.version_converter");
            var metadata = OnnxMetadata.Of(model);
            OutputName.Keep(model.Graph);
            var network = new GraphImporter(model.Graph, (int)opset, input, external).Import(
                NameOf(model, source), model.MetadataProps.FirstOrDefault(entry => entry.Key == OnnxMetadata.DialectKey)?.Value);
            return network with { Graph = network.Graph with { Metadata = metadata } };
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            throw new InvalidDataException($"{source} cannot be imported: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static string NameOf(ModelProto model, string source) =>
        model.Graph.Name is { Length: > 0 } name && name is not ("torch_jit" or "torch-jit-export" or "main_graph") ? name : Path.GetFileNameWithoutExtension(source);

    // A model may name files in its own folder and below, nothing else.
    private static byte[] Beside(string folder, string location, long offset, long length)
    {
        var path = Path.GetFullPath(Path.Combine(folder, location));
        if (Path.IsPathRooted(location) || !path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"its weights are in '{location}', which is not below the model's folder");
        if (!File.Exists(path))
            throw new InvalidDataException($"its weights are in '{location}', which is not beside it; copy both files");
        using var file = File.OpenRead(path);
        var count = length < 0 ? file.Length - offset : length;
        if (offset > file.Length || count < 0 || count > file.Length - offset || count > int.MaxValue)
            throw new InvalidDataException($"an array lies at bytes {offset} to {offset + count} of '{location}', which has {file.Length}; the files do not belong together");
        file.Position = offset;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }
}
