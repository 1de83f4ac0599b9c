using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>What goes with which runtime. One runtime executes all quantized files of a sweep, so that the latencies of its table can be compared.</summary>
internal static class RuntimeRule
{
    /// <summary>Adds what does not go together.</summary>
    public static void Check(VariantSpace variants, SpecValues values, SpecProblems problems)
    {
        var (runtime, runs, device) = (values.One<string>("measure.runtime"), values.One<int>("measure.latency.runs"), values.One<string>("numerics.device"));
        foreach (var (kind, settings) in new[] { ("ptq", variants.Ptq?.Quantize), ("qat", variants.Qat?.Quantize) })
        {
            var path = $"variants.{kind}.quantize.dialect";
            foreach (var dialect in (settings ?? []).Select(quantize => quantize.Dialect).Distinct().Where(dialect => MeasureSettings.EvaluatorOf(new(dialect)) != runtime))
            {
                problems.Add(values.LineOf(path), path, dialect == MeasureSettings.CudaInt8
                    ? $"'{dialect}' is a dialect that runtime {MeasureSettings.CudaInt8} executes, and measure.runtime is {runtime}; set measure.runtime to {MeasureSettings.CudaInt8}, or take dialect ort or tensorrt."
                    : $"'{dialect}' is a dialect that runtime {MeasureSettings.OnnxRuntime} executes, and measure.runtime is {runtime}; take dialect {MeasureSettings.CudaInt8}, or set measure.runtime to {MeasureSettings.OnnxRuntime}.");
            }
        }

        if (runtime == MeasureSettings.CudaInt8 && device != "cuda" && runs > 0)
        {
            problems.Add(
                values.LineOf("measure.runtime"), "measure.runtime",
                $"'{runtime}' is timed on a GPU, and numerics.device is {device}; set numerics.device to cuda, or measure.latency.runs to 0 for accuracy alone, which its reference computes on a processor.");
        }

        if (runs == 0 && values.Maybe<double?>("goals.latency") is not null)
            problems.Add(values.LineOf("goals.latency"), "goals.latency", "has nothing to judge: measure.latency.runs is 0, so no latency is measured; take at least 1, or leave the goal out.");
    }
}
