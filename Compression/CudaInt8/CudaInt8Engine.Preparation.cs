using System.Diagnostics;
using SparseGrid.Compression.CudaInt8.Compilation;
using SparseGrid.Compression.CudaInt8.Driver;
using SparseGrid.Compression.CudaInt8.Execution;
using SparseGrid.Compression.CudaInt8.Planning;

namespace SparseGrid.Compression.CudaInt8;

public sealed partial class CudaInt8Engine
{
    private BuildTimes Prepare()
    {
        var began = Stopwatch.GetTimestamp();
        var code = new KernelCode(options.Cache ?? EngineCache.Default, Device.Architecture);
        var plain = new PlainKernels(memory, Owned(CudaModule.Load(Device, code.Of(PlainKernels.Source), "the plain steps")), options.Images);
        var search = Owned(new TileSearch(Device, stream, options.Cache ?? EngineCache.Default, code, Plan, options));
        var tiled = Tiled(search);
        var tuning = new NetworkTuning(Device, stream, timer, search, plain, tiled, launches, options.AlwaysJoin);
        if (options.Convolutions != ConvolutionForm.Plain)
            tuning.Begin(FormsOf);
        foreach (var step in Plan.Steps)
        {
            launches.Add(new(step, step is StemStep stem ? Owned(new StemKernel(memory, stem, code, options.Images)).Launch(timer)
                : step is not ConvStep conv ? plain.Of(step)
                : tiled.TryGetValue(conv, out var layer) ? search.Launch(layer, tuning.IsTwoFour(layer))
                : IsOfImage(conv) ? Owned(new ImageConvolution(memory, conv, code)).Launch()
                : plain.Of(conv)));
        }

        var (tuned, compiled) = (Stopwatch.GetTimestamp(), code.Spent);
        if (options.Convolutions != ConvolutionForm.Plain)
            tuning.Run();
        var network = Stopwatch.GetElapsedTime(tuned) - (code.Spent - compiled);
        foreach (var conv in Plan.Steps.OfType<ConvStep>())
            layers.Add(Report(conv, tiled.GetValueOrDefault(conv), search, tuning));
        foreach (var layer in tiled.Values)
        {
            _ = tuning.IsBeside(layer, out var leading);
            layer.Keep(tuning.IsTwoFour(leading), search.Of(leading, tuning.IsTwoFour(leading)).Chosen);
        }

        if (options.Recorded)
            recorded = CudaGraph.Record(Device, stream, EnqueueAll);
        return new(code.Spent, search.Spent, network, Stopwatch.GetElapsedTime(began));
    }

    private Dictionary<ConvStep, TiledConvolution> Tiled(TileSearch search)
    {
        var tiled = new Dictionary<ConvStep, TiledConvolution>(ReferenceEqualityComparer.Instance);
        if (options.Convolutions == ConvolutionForm.Plain)
            return tiled;
        foreach (var conv in Plan.Steps.OfType<ConvStep>().Where(conv => IsTiled(conv, out _)))
            tiled[conv] = Owned(new TiledConvolution(conv, memory));
        search.Search([.. tiled.SelectMany(pair => FormsOf(pair.Key).Select(twoFour => (pair.Value, twoFour)))]);
        return tiled;
    }

    private bool[] FormsOf(ConvStep conv) =>
        !IsTwoFour(conv) || options.Convolutions == ConvolutionForm.Dense ? [false]
        : options.Convolutions == ConvolutionForm.TwoFour ? [true]
        : [false, true];

    private bool IsTiled(ConvStep conv, out string reason) => Tile.IsEligible(conv, Plan.Tensors[conv.From], Plan.Tensors[conv.To], Plan.Batch, Device.SharedBytes, out reason);

    private bool IsOfImage(ConvStep conv) => options.Convolutions != ConvolutionForm.Plain && ImageConvolution.Fits(conv, Plan.Tensors[conv.To], Plan.Batch);

    private static bool IsTwoFour(ConvStep conv) => conv.Weights.IsTwoFour(conv.Geometry.Input.Channels / conv.Geometry.Groups);

    private LayerReport Report(ConvStep conv, TiledConvolution? layer, TileSearch search, NetworkTuning tuning)
    {
        var (dense, sparse) = ((TileChoice?)null, (TileChoice?)null);
        var isSparse = false;
        var kernel = IsOfImage(conv) ? LayerReport.Image : launches.Find(planned => planned.Beside == conv) is { Step: AveragePoolStep pool } ? $"{PlainKernels.Pooled} beside {pool.Name}" : PlainKernels.KernelOf(conv);
        if (layer is not null)
        {
            var forms = FormsOf(conv);
            (dense, sparse) = (forms.Contains(false) ? search.Of(layer, false) : null, forms.Contains(true) ? search.Of(layer, true) : null);
            var beside = tuning.IsBeside(layer, out var leading);
            isSparse = tuning.IsTwoFour(leading);
            var choice = search.Of(leading, isSparse);
            kernel = $"{(isSparse ? "2:4" : "dense")} {choice.Chosen}{(choice.Splits > 1 ? $" in {choice.Splits} parts" : "")}{(beside ? $" beside {leading.Step.Name}" : "")}";
        }

        _ = IsTiled(conv, out var why);
        var bytes = conv.Inputs.Append(conv.Output).Sum(tensor => Plan.Tensors[tensor].BytesPerImage) * Plan.Batch + conv.Weights.Levels.Length;
        return new(
            conv.Name, conv.Geometry, IsTwoFour(conv), why.Length > 0 ? why : options.Convolutions == ConvolutionForm.Plain ? "plain kernels were asked for" : null, kernel, isSparse,
            dense?.Microseconds, sparse?.Microseconds, 2 * conv.Geometry.MultiplyAdds * Plan.Batch, bytes);
    }
}
