using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Tensors.PyTorch;

namespace SparseGrid.Compression.Weights;

/// <summary>Reads a state dict from a file of torch.save or of safetensors, told apart by their first bytes, not by their names.</summary>
public static class StateDictFile
{
    private const int StartLength = 16;

    /// <summary>The state dict of a file.</summary>
    /// <param name="path">A .pth, .pt or .safetensors file.</param>
    /// <param name="key">Where the state dict stands in a checkpoint of torch.save; null looks under the usual names (model_state_dict, state_dict, model, net, …) and then at the checkpoint itself.</param>
    /// <exception cref="InvalidDataException">The file is damaged, of another format, holds code, or no state dict is found where it is looked for.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static StateDict Open(string path, string? key = null)
    {
        using var file = File.OpenRead(path);
        return Read(file, Path.GetFileName(path), key);
    }

    /// <summary>The state dict of a file's bytes.</summary>
    /// <param name="source">What the bytes are, for messages.</param>
    /// <inheritdoc cref="Open"/>
    public static StateDict Read(byte[] bytes, string source, string? key = null) => Read(new MemoryStream(bytes, writable: false), source, key);

    private static StateDict Read(Stream file, string source, string? key)
    {
        var start = new byte[StartLength];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        switch (start.AsSpan(0, read))
        {
            case [(byte)'P', (byte)'K', ..] or [0x80, ..]:
                var state = PyTorchFile.Read(file, source, key);
                var beside = state.Others.IsEmpty ? null : $"{StateDictText.Listed(state.Others)} beside the tensors {(state.Others.Length == 1 ? "was" : "were")} not read.";
                return StateDictNames.Apart(source, state.Arrays, beside is null ? [] : [beside]);
            case [_, _, _, _, _, 0, 0, 0, (byte)'{', ..]:
                if (key is not null)
                    throw new InvalidDataException($"{source} is a safetensors file, which holds one set of tensors and nothing under '{key}'. Leave the key out.");
                if (file.Length > Array.MaxLength)
                    throw new InvalidDataException($"{source} has {file.Length} bytes; safetensors files of up to {Array.MaxLength} are read. Save the tensors that are needed alone.");
                var bytes = new byte[file.Length];
                file.ReadExactly(bytes);
                return StateDictNames.Apart(source, SafeTensors.Read(bytes, source), []);
            case [0x89, (byte)'H', (byte)'D', (byte)'F', ..]:
                throw new InvalidDataException($"{source} is an HDF5 file, as Keras writes them. PyTorch's state dicts (.pth, .safetensors) are read; export a Keras model to ONNX and import that.");
            case [0x08, < 32, ..]:
                throw new InvalidDataException($"{source} is no state dict, and looks like an ONNX model, which brings its layers along. Import it as a network.");
            default:
                throw new InvalidDataException($"{source} is neither a file of torch.save nor of safetensors. Save model.state_dict() with either of them.");
        }
    }
}
