using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Stages;

namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Makes the spec of its values, and checks the rules between keys.</summary>
internal sealed class SpecBuilder(SpecValues values, SpecProblems problems, string baseFolder)
{
    private static readonly ImmutableArray<string> SectionsOfChoices =
    [
        "variants.dense.train", "variants.dense.export", "variants.sparse.permute", "variants.sparse.prune", "variants.sparse.finetune", "variants.sparse.export",
        "variants.ptq.calibrate", "variants.ptq.quantize", "variants.ptq.export",
        "variants.qat.calibrate", "variants.qat.finetune", "variants.qat.quantize", "variants.qat.export",
    ];

    /// <summary>The spec; null where the values are not complete or a rule is broken.</summary>
    public SweepSpec? Build()
    {
        CheckParents("variants.ptq.from");
        CheckParents("variants.qat.from");
        var model = new ModelBuilder(values, problems, baseFolder).Build();
        if (new DataBuilder(values, problems, baseFolder).Build() is not { } data || model is not { } given || problems.Any)
            return null;

        var variants = Combine();
        var (seed, replicates) = (values.One<int>("seed"), values.One<int>("replicates"));
        if (variants is null || problems.Any)
            return null;

        CheckTrials(variants, replicates);
        RuntimeRule.Check(variants, values, problems);
        return new(
            values.One<string>("sweep"), seed, given.Model, data, new(values.One<string>("numerics.device"), values.One<int>("numerics.threads")), variants,
            new(
                values.One<string>("measure.runtime"), values.One<int>("measure.latency.batch"), values.One<int>("measure.latency.threads"),
                values.One<int>("measure.latency.warmup"), values.One<int>("measure.latency.runs")),
            [.. Goals()], replicates, new(values.Maybe<TimeSpan?>("budget.wall"), values.Maybe<int?>("budget.trials")),
            given.Source);
    }

    private IEnumerable<Goal> Goals() =>
        from goal in new[] { ("accuracy", "accuracy_drop"), ("latency", "latency_ratio"), ("size", "size_ratio") }
        let atMost = values.Maybe<double?>($"goals.{goal.Item1}")
        where atMost is not null
        select new Goal(goal.Item2, atMost.Value);

    private void CheckParents(string from)
    {
        if (values.Stands(from) && !values.Stands("variants.sparse") && values.All<string>(from).Contains("sparse"))
            problems.Add(values.LineOf(from), from, "'sparse' is named, but the spec has no variants.sparse; add it, or leave 'sparse' out.");
    }

    private VariantSpace? Combine()
    {
        var tooMany = SectionsOfChoices.Where(section => values.Combinations(section) > SpecReader.MostTrials).ToList();
        foreach (var section in tooMany)
        {
            problems.Add(
                values.LineOf(section), section,
                $"its choices have {values.Combinations(section):0} combinations; a sweep has at most {SpecReader.MostTrials} trials. Take fewer values.");
        }

        if (tooMany.Count > 0)
            return null;

        return new(
            new(values.Stands("variants.dense.train") ? Training("variants.dense.train") : [], Exports("dense")),
            values.Stands("variants.sparse")
                ? Sparse()
                : null,
            values.Stands("variants.ptq") ? new(Parents("ptq"), Calibrations("ptq"), Quantizations("ptq"), Exports("ptq")) : null,
            values.Stands("variants.qat")
                ? new(Parents("qat"), Calibrations("qat"), Training("variants.qat.finetune"), Quantizations("qat"), Exports("qat"))
                : null);
    }

    private SparseSpace Sparse()
    {
        ImmutableArray<PruneSettings> prunings =
        [
            .. values.Points("variants.sparse.prune")
                .Select(point => new PruneSettings(point.Word("pattern"), point.MaybeWord("exclude") is { Length: > 0 } exclude ? exclude : null))
                .Distinct(),
        ];
        return new(
            values.All<string>("variants.sparse.prune.pattern"), Training("variants.sparse.finetune"), Exports("sparse"), Permutes(),
            prunings.All(prune => prune == new PruneSettings(prune.Pattern)) ? null : prunings);
    }

    private ImmutableArray<VariantKind> Parents(string kind) =>
        [.. values.All<string>($"variants.{kind}.from").Select(word => word == "sparse" ? VariantKind.Sparse : VariantKind.Dense)];

    /// <summary>Training settings; where the schedule is not step its two numbers mean nothing, so they stay at the defaults and add no variants, and so do those of
    /// the optimizer that is not taken.</summary>
    private ImmutableArray<TrainSettings> Training(string section)
    {
        var settings = values.Points(section)
            .Select(point => new TrainSettings(
                point.Whole("epochs"), point.Whole("batch_size"), point.Real("learning_rate"), point.Real("momentum"), point.Real("weight_decay"),
                point.Word("schedule"), point.Real("warmup_epochs"), point.Whole("step_epochs"), point.Real("step_factor"),
                point.Real("label_smoothing"), point.Whole("augment.shift"), point.Truth("augment.flip"), point.Truth("nesterov") ? true : null,
                point.Word("optimizer") == "adamw" ? new AdamWSettings(point.Real("beta1"), point.Real("beta2"), point.Real("epsilon")) : null))
            .Select(train => train.AdamW is null ? train : train with { Momentum = 0.9, Nesterov = null })
            .Select(train => train.Schedule == "step" ? train : train with { StepEpochs = 30, StepFactor = 0.1 })
            .Distinct()
            .ToImmutableArray();

        if (settings.FirstOrDefault(train => train.WarmupEpochs > train.Epochs) is { } late)
        {
            problems.Add(
                values.LineOf($"{section}.warmup_epochs"), $"{section}.warmup_epochs",
                $"a warm-up of {late.WarmupEpochs} epochs does not fit into {late.Epochs} epochs; take fewer, or train longer.");
        }

        if (settings.Any(train => train.Nesterov == true && train.Momentum == 0))
        {
            problems.Add(
                values.LineOf($"{section}.nesterov"), $"{section}.nesterov", "looks ahead along a momentum, but the momentum is 0; take one above 0, or leave nesterov out.");
        }

        if (settings.Any(train => train.AdamW is not null) && !values.Stands($"{section}.learning_rate"))
        {
            problems.Add(
                values.LineOf($"{section}.optimizer"), $"{section}.learning_rate", "is missing; the default is for sgd, and adamw wants far less, 0.001 say.");
        }

        return settings;
    }

    /// <summary>Orders of channels; null for the one that stays as it is, as specs had it before there was a choice.</summary>
    private ImmutableArray<PermuteSettings>? Permutes()
    {
        const string section = "variants.sparse.permute";
        var settings = values.Points(section)
            .Select(point => new PermuteSettings(point.Word("search"), point.Whole("escapes"), point.Whole("tries")))
            .Select(permute => permute.Search switch
            {
                "none" => new(),
                "progressive-swap" => permute with { Escapes = new PermuteSettings().Escapes },
                _ => permute with { Tries = new PermuteSettings().Tries },
            })
            .Distinct()
            .ToImmutableArray();

        var patterns = values.All<string>("variants.sparse.prune.pattern");
        var problem = settings.SelectMany(permute => patterns.Select(pattern => PermuteRule.Problem(permute.Search, pattern))).FirstOrDefault(problem => problem is not null);
        if (problem is not null)
            problems.Add(values.LineOf($"{section}.search"), $"{section}.search", problem);
        return settings is [{ Reorders: false }] ? null : settings;
    }

    private ImmutableArray<CalibrateSettings> Calibrations(string kind)
    {
        var section = $"variants.{kind}.calibrate";
        var settings = values.Points(section)
            .Select(point => new CalibrateSettings(
                point.Word("method"), point.Whole("images"), point.Whole("bins"), point.Real("percentile"), point.Word("zeros") == "skip" ? true : null, Search(point), Weights(point)))
            .Select(calibrate => calibrate.Method == "percentile" ? calibrate : calibrate with { Percentile = 0 })
            .Distinct()
            .ToImmutableArray();

        if (settings.FirstOrDefault(calibrate => calibrate.Search?.StartBin >= calibrate.Bins) is { } late)
        {
            problems.Add(
                values.LineOf($"{section}.start_bin"), $"{section}.start_bin",
                $"the search starts at bin {late.Search!.StartBin}, but the histogram of a first batch has {late.Bins} bins; start earlier, or take more bins.");
        }

        return settings;
    }

    // What is at its default, or what the method does not use, is null, and so is the whole where all of it is.
    private static RangeSearchSettings? Search(SpecPoint point)
    {
        var (start, stride) = (point.Whole("start_bin"), point.Whole("stride"));
        var search = new RangeSearchSettings(start == 128 ? null : start, stride == 1 ? null : stride);
        return search == new RangeSearchSettings() || point.Word("method") is not ("entropy" or "mse") ? null : search;
    }

    private static WeightRangeSettings? Weights(SpecPoint point)
    {
        var (method, percentile) = (point.Word("weights"), point.Real("weights_percentile"));
        var weights = new WeightRangeSettings(
            method == "max" ? null : method, method == "percentile" ? percentile : null, point.Word("granularity") == "channel" ? null : point.Word("granularity"));
        return weights == new WeightRangeSettings() ? null : weights;
    }

    private ImmutableArray<QuantizeSettings> Quantizations(string kind) =>
    [
        .. values.Points($"variants.{kind}.quantize")
            .Select(point => new QuantizeSettings(point.Word("dialect"), point.Word("rounding"), Layers(point)))
            .Distinct(),
    ];

    // What is at its default is null, and so is the whole where all of it is.
    private static QuantizedLayerSettings? Layers(SpecPoint point)
    {
        var ends = point.Word("float_ends");
        var layers = new QuantizedLayerSettings(
            point.MaybeWord("include"), point.MaybeWord("exclude") is { Length: > 0 } exclude ? exclude : null, point.Truth("residual") ? null : false,
            ends == "none" ? null : ends);
        return layers == new QuantizedLayerSettings() ? null : layers;
    }

    private ImmutableArray<ExportSettings> Exports(string kind) =>
        [.. values.Points($"variants.{kind}.export").Select(point => new ExportSettings(point.Whole("opset"), point.Word("bn")))];

    private void CheckTrials(VariantSpace variants, int replicates)
    {
        string? count = null;
        try
        {
            var trials = checked(variants.Count * replicates);
            if (trials > SpecReader.MostTrials)
                count = $"{trials}";
        }
        catch (OverflowException)
        {
            count = "more than 10^18";
        }

        if (count is not null)
        {
            problems.Add(
                values.LineOf("variants"), "variants",
                $"the choices and {replicates} replicates make {count} trials; a sweep has at most {SpecReader.MostTrials}. Take fewer values.");
        }
    }
}
