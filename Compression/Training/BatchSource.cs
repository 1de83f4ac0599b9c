using SparseGrid.Compression.Data;
using SparseGrid.Compression.Randomness;
using static TorchSharp.torch;

namespace SparseGrid.Compression.Training;

/// <summary>The batches of a training: order and augmentation are functions of (seed, epoch, image), so a batch is the same whenever it is asked for.</summary>
public sealed class BatchSource(LabeledImages images, int batchSize, long seed, int shiftPixels, bool flip)
{
    private readonly CounterRandom orderDraws = new(seed, "order");
    private readonly CounterRandom shiftDraws = new(seed, "shift");
    private readonly CounterRandom flipDraws = new(seed, "flip");
    private readonly float[] source = new float[images.Shape.Count];
    private long orderedEpoch = -1;
    private int[] order = [];

    /// <summary>Whole batches in one epoch; images that do not fill a last one are left out of that epoch.</summary>
    public int BatchesPerEpoch { get; } = batchSize <= images.Count
        ? images.Count / batchSize
        : throw new InvalidDataException($"batch_size is {batchSize}, but the training split has {images.Count} images; use at most that many.");

    /// <summary>One batch: images [N, C, H, W] and labels [N] on a device, owned by the caller's scope.</summary>
    public (Tensor Images, Tensor Labels) Batch(long epoch, int index, Device device)
    {
        if (orderedEpoch != epoch)
        {
            order = orderDraws.Permutation(images.Count, epoch);
            orderedEpoch = epoch;
        }

        var shape = images.Shape;
        var pixels = new float[batchSize * shape.Count];
        var labels = new long[batchSize];
        for (var i = 0; i < batchSize; i++)
        {
            var image = order[index * batchSize + i];
            Augment(image, epoch, pixels.AsSpan(i * shape.Count, shape.Count));
            labels[i] = images.Labels[image];
        }

        return (tensor(pixels, [batchSize, shape.Channels, shape.Height, shape.Width], device: device), tensor(labels, device: device));
    }

    private void Augment(int image, long epoch, Span<float> into)
    {
        var shape = images.Shape;
        var from = source.AsSpan();
        images.CopyPixelsTo(image, from);
        var dx = shiftPixels == 0 ? 0 : shiftDraws.Integer(-shiftPixels, shiftPixels, epoch, 2L * image);
        var dy = shiftPixels == 0 ? 0 : shiftDraws.Integer(-shiftPixels, shiftPixels, epoch, 2L * image + 1);
        var flipped = flip && flipDraws.Bits(epoch, image) % 2 == 1;
        for (var row = 0; row < shape.Channels * shape.Height; row++)
        {
            var y = row % shape.Height + dy;
            for (var x = 0; x < shape.Width; x++)
            {
                var column = (flipped ? shape.Width - 1 - x : x) + dx;
                var inside = y >= 0 && y < shape.Height && column >= 0 && column < shape.Width;
                into[row * shape.Width + x] = inside ? from[(row + dy) * shape.Width + column] : 0;
            }
        }

        // Last, so that what a shift fills in is black to the network too.
        images.Normalization?.Apply(into, shape);
    }
}
