using Microsoft.ML.OnnxRuntime;

namespace SparseGrid.Compression.Runtimes;

/// <summary>A session with its input and output in place, ready to be called again and again.</summary>
internal sealed class BoundBatch : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions options;
    private readonly OrtValue images;
    private readonly OrtIoBinding binding;

    /// <summary>Takes over the images; the session and options stay the caller's.</summary>
    public BoundBatch(InferenceSession session, RunOptions options, string input, OrtValue images, string output)
    {
        this.session = session;
        this.options = options;
        this.images = images;
        binding = session.CreateIoBinding();
        binding.BindInput(input, images);
        binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
    }

    /// <summary>One forward pass.</summary>
    public void Run() => session.RunWithBinding(options, binding);

    /// <inheritdoc/>
    public void Dispose()
    {
        binding.Dispose();
        images.Dispose();
    }
}
