using System.Collections.Immutable;
using System.Text.Json;
using SparseGrid.Compression.CudaInt8;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Planning;
using SparseGrid.Compression.Onnx.Import;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Runtimes.Float16;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Results;

namespace SparseGrid.Grains.Stages.Runners;

/// <summary>Times a deployed file on a GPU beside its dense ancestor in float16: quantized files on engine cuda-int8, files of floats in float16 too.</summary>
internal static class GpuMeasurement
{
    /// <summary>Makes numbers and, of a quantized file, the list of its layers.</summary>
    public static StageOutput Run(StageWork work, MeasureSettings settings)
    {
        using var device = CudaDevice.Open();
        using var baseline = InFloat16(work, "baseline", device, settings.Batch);
        var notes = ImmutableArray.Create($"The baseline is the dense network in {baseline.Form}; times are the GPU's, from images in its memory to scores there.");
        var artifacts = ImmutableSortedDictionary<string, string>.Empty;
        LatencySamples samples;
        if (OnnxImport.Read(work.Bytes("onnx"), "the exported file").Quantization is null)
        {
            using var floats = InFloat16(work, "onnx", device, settings.Batch);
            samples = Measure(work, settings, floats, baseline);
        }
        else
        {
            var plan = ExecutionPlan.FromFile(work.Bytes("onnx"), "the exported file", settings.Batch);
            using var engine = CudaInt8Engine.Build(plan, device, new(Images: ImageForm.Float16ChannelsLast));
            samples = Measure(work, settings, engine, baseline);
            artifacts = artifacts.Add(EngineLayer.Role, work.Artifacts.Put(JsonSerializer.SerializeToUtf8Bytes(engine.Layers.Select(Of).ToArray())));
        }

        return new(artifacts, MeasureRunner.Numbers(settings, samples), notes);
    }

    private static LatencySamples Measure(StageWork work, MeasureSettings settings, IGpuNetwork candidate, IGpuNetwork baseline)
    {
        var images = work.Data.Validation;
        var shape = images.Shape;
        var (image, pixels) = (new float[shape.Count], shape.Height * shape.Width);
        var batch = new Half[settings.Batch * shape.Count];
        for (var n = 0; n < settings.Batch; n++)
        {
            images.CopyTo(n % images.Count, image);
            for (var i = 0; i < image.Length; i++)
                batch[(n * pixels + i % pixels) * shape.Channels + i / pixels] = (Half)image[i];
        }

        return GpuLatencyMeasurement.Measure(
            candidate, baseline, batch, settings.Batch * images.Classes, settings.WarmupRuns, settings.Runs, done => work.Report(done, settings.Runs, "runs"), work.Stop);
    }

    private static Float16Network InFloat16(StageWork work, string role, CudaDevice device, int batch)
    {
        var network = OnnxImport.Read(work.Bytes(role), $"the exported file ({role})");
        return Float16Network.Build(network.Graph, network.Weights, device, batch);
    }

    private static EngineLayer Of(LayerReport layer) => new(
        layer.Layer, layer.Geometry.ToString(), layer.TwoFour, layer.Ineligible is null, layer.Sparse, layer.Kernel, layer.DenseMicroseconds, layer.SparseMicroseconds, layer.Operations,
        layer.Bytes, layer.Reason);
}
