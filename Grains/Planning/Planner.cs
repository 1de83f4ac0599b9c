using System.Collections.Immutable;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Identity;

namespace SparseGrid.Grains.Planning;

/// <summary>Expands a spec to its trials: a function of its arguments, so that every silo and every run agree on index and identity.</summary>
public static class Planner
{
    /// <summary>
    /// The trials, replicate by replicate, parents before children: each dense variant, its sparse variants each with their ptq and qat, then its own ptq
    /// and qat.
    /// </summary>
    /// <param name="model">What the plan made of the network that the spec names; the spec's own settings where there was nothing to make.</param>
    public static ImmutableArray<PlannedVariant> Plan(SweepSpec spec, DataIdentity data, NumericsFingerprint numerics, ModelSettings? model = null)
    {
        var tree = new Tree(spec, model ?? spec.Model, data, numerics);
        for (var replicate = 0; replicate < spec.Replicates; replicate++)
            tree.Grow(replicate);
        return tree.Trials;
    }

    /// <summary>Epochs that a recipe's own stages train, without its ancestors'.</summary>
    public static int TrainingEpochs(Recipe recipe) => recipe.Stages.Sum(stage => stage switch
    {
        TrainStage train => train.Settings.Epochs,
        FinetuneStage finetune => finetune.Settings.Epochs,
        _ => 0,
    });

    /// <summary>The trials so far, and how one more is added below its parent.</summary>
    private sealed class Tree(SweepSpec spec, ModelSettings model, DataIdentity data, NumericsFingerprint numerics)
    {
        private readonly ImmutableArray<Branch> dense = Branch.Of(spec.Variants.Dense, loads: spec.Source is not null);
        private readonly ImmutableArray<Branch> sparse = Branch.Of(spec.Variants.Sparse);
        private readonly ImmutableArray<Branch> ptq = Branch.Of(spec.Variants.Ptq);
        private readonly ImmutableArray<Branch> qat = Branch.Of(spec.Variants.Qat);
        private readonly ImmutableArray<PlannedVariant>.Builder trials = ImmutableArray.CreateBuilder<PlannedVariant>();
        private int seed;
        private string suffix = "";

        public ImmutableArray<PlannedVariant> Trials => trials.ToImmutable();

        public void Grow(int replicate)
        {
            seed = checked(spec.Seed + replicate);
            suffix = replicate == 0 ? "" : $" #{replicate + 1}";
            foreach (var root in dense.Select(branch => Add(branch, null)))
            {
                foreach (var branch in sparse)
                    GrowQuantized(Add(branch, root));
                GrowQuantized(root);
            }
        }

        private void GrowQuantized(PlannedVariant parent)
        {
            var kind = parent.Recipe.Kind;
            var prune = parent.Recipe.Stages.OfType<PruneStage>().Select(stage => stage.Settings).SingleOrDefault(new PruneSettings());
            foreach (var branch in ptq.Where(_ => spec.Variants.Ptq!.From.Contains(kind)).Concat(qat.Where(_ => spec.Variants.Qat!.From.Contains(kind))))
                Add(branch.Pruned(prune), parent);
        }

        private PlannedVariant Add(Branch branch, PlannedVariant? parent)
        {
            var recipe = new Recipe(branch.Kind, parent?.Variant, model, data, numerics, branch.Stages, seed);
            var above = parent is null ? "" : parent.Path[..^suffix.Length] + "/";
            var evaluator = MeasureSettings.EvaluatorOf(branch.Quantize);
            var planned = new PlannedVariant(
                trials.Count, above + branch.Label + suffix, recipe, RecipeIdentity.Of(recipe), parent?.Index ?? -1, parent?.Dense ?? trials.Count,
                [
                    new EvaluateStage("validation", evaluator, branch.Quantize), new EvaluateStage("test", evaluator, branch.Quantize),
                    .. parent is null ? [] : new[] { new CompareStage() }, .. spec.Measure.Runs > 0 ? [new MeasureStage(spec.Measure)] : Array.Empty<Stage>(),
                ]);
            trials.Add(planned);
            return planned;
        }
    }
}
