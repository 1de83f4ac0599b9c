namespace SparseGrid.System.Tests.Processes;

/// <summary>Small sweeps over the sample data that end within seconds; their accuracies mean nothing.</summary>
internal static class Specs
{
    /// <summary>Every kind of variant and every calibration method: dense, sparse, four ptq and one qat of each, in all 12 trials.</summary>
    public static string Tree(string name = "tree", int seed = 7) => $$"""
        sweep: {{name}}
        seed: {{seed}}
        model: { network: resnet8, width: 8 }
        data: { format: digits-csv, path: "{{Repository.Digits}}", validation: 0.15, test: 0.2, split_seed: 0 }
        numerics: { device: cpu, threads: 1 }
        variants:
          dense: { train: { epochs: 4, batch_size: 64, learning_rate: 0.1 } }
          sparse: { from: dense, prune: { pattern: m4n2_1d }, finetune: { epochs: 2, learning_rate: 0.02 } }
          ptq:
            from: [dense, sparse]
            calibrate: { method: { choice: [max, entropy, percentile, mse] }, images: 128, bins: 2048, percentile: 99.99 }
          qat: { from: [dense, sparse], calibrate: { method: max, images: 128, bins: 2048 }, finetune: { epochs: 1, learning_rate: 0.005 } }
        measure: { runtime: onnxruntime, latency: { batch: 1, threads: 1, warmup: 5, runs: 30 } }
        """;

    /// <summary>A dense variant, a sparse one and a quantized one of each, trained for a moment.</summary>
    /// <param name="methods">Calibration methods, a quantized variant each.</param>
    public static string Quick(string methods = "max", string name = "quick") => $$"""
        sweep: {{name}}
        seed: 7
        model: { network: resnet8, width: 16 }
        data: { format: digits-csv, path: "{{Repository.Digits}}" }
        variants:
          dense: { train: { epochs: 1, batch_size: 64, learning_rate: 0.1 } }
          sparse: { from: dense, finetune: { epochs: 1, learning_rate: 0.02 } }
          ptq: { from: [dense, sparse], calibrate: { method: { choice: [{{methods}}] }, images: 64 } }
        measure: { runtime: onnxruntime, latency: { batch: 1, threads: 1, warmup: 5, runs: 30 } }
        """;

    /// <summary>Every kind of variant in one line of descent for each learning rate; a training of one runs 57 steps, a collect stage 19 batches.</summary>
    public static string Descent(string rates = "0.1", int threads = 1) => $$"""
        sweep: descent
        seed: 7
        model: { network: resnet8, width: 8 }
        data: { format: digits-csv, path: "{{Repository.Digits}}", validation: 0.15, test: 0.2 }
        numerics: { threads: {{threads}} }
        variants:
          dense: { train: { epochs: 3, batch_size: 64, learning_rate: { choice: [{{rates}}] } } }
          sparse: { from: dense, finetune: { epochs: 2, batch_size: 64, learning_rate: 0.02 } }
          ptq: { from: sparse, calibrate: { method: entropy, images: 1216 } }
          qat: { from: sparse, calibrate: { method: max, images: 1216 }, finetune: { epochs: 2, batch_size: 64, learning_rate: 0.005 } }
        measure: { runtime: onnxruntime, latency: { batch: 1, threads: 1, warmup: 2, runs: 10 } }
        """;

    /// <summary>One dense variant, trained long enough to be interrupted.</summary>
    public static string Long(int epochs = 40) => $$"""
        sweep: long
        seed: 7
        model: { network: resnet8, width: 8 }
        data: { format: digits-csv, path: "{{Repository.Digits}}" }
        variants:
          dense: { train: { epochs: {{epochs}}, batch_size: 64, learning_rate: 0.1 } }
        measure: { runtime: onnxruntime, latency: { batch: 1, threads: 1, warmup: 5, runs: 30 } }
        """;
}
