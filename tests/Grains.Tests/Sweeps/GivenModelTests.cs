using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SparseGrid.Compression.Graph;
using SparseGrid.Compression.Onnx;
using SparseGrid.Compression.Runtimes;
using SparseGrid.Compression.Tensors;
using SparseGrid.Compression.Training;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Identity;
using SparseGrid.Grains.Planning;
using SparseGrid.Grains.Stages;
using SparseGrid.Grains.Stages.Runners;
using SparseGrid.Grains.Sweeps;
using SparseGrid.Grains.Tests.Doubles;
using SparseGrid.Grains.Tests.Stages;

namespace SparseGrid.Grains.Tests.Sweeps;

/// <summary>A network that the user brings, from the file to the first stages.</summary>
public sealed class GivenModelTests : IDisposable
{
    private static readonly ImageShape Digit = new(1, 8, 8);
    private static readonly LayerGraph Graph = ResNet.Build("resnet8", Digit, 10);
    private readonly string folder = Directory.CreateTempSubdirectory("sparsegrid-given-").FullName;
    private readonly MemoryStores stores = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_same_network_has_one_identity_whatever_its_file_is_called_and_wherever_it_lies()
    {
        var first = await Plan(Onnx("net.onnx"));
        Directory.CreateDirectory(Path.Combine(folder, "elsewhere"));
        var second = await Plan(Onnx("elsewhere/resnet8.onnx"));

        Assert.Equal(("net.onnx", "resnet8.onnx"), (first.Model!.File, second.Model!.File));
        Assert.Equal(first.Model.FileDigest, second.Model.FileDigest);
        Assert.Equal(first, second);
        Assert.NotEqual(first, await Plan(Onnx("trained.onnx", seed: 2)));
        Assert.Equal(("1x8x8", 10, 10, "imported"), (first.Model.Input, first.Model.Classes, first.Model.Layers, first.Model.Settings.Network));
    }

    [Fact]
    public async Task A_file_that_changes_after_the_plan_changes_nothing()
    {
        var spec = Spec(Onnx("net.onnx"));
        var inputs = await Plan(spec);
        Onnx("net.onnx", seed: 2);
        File.Delete(spec.Source!.Path);
        var dense = Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model!.Settings)[0].Recipe;

        var loaded = Runner().Run(
            new("key", dense.Stages[0], dense, spec.Data, ImmutableSortedDictionary<string, string>.Empty), _ => { }, TestContext.Current.CancellationToken);

        Assert.IsType<LoadStage>(dense.Stages[0]);
        var weights = SafeTensors.Read(stores.Get(loaded.Artifacts["weights"]), "weights");
        Assert.Equal(Weights(1)["fc.weight"].Floats, weights["fc.weight"].Floats);
        Assert.Equal(10, loaded.Numbers["layers"]);
    }

    [Fact]
    public async Task A_training_goes_on_from_the_weights_that_were_loaded()
    {
        var spec = Spec(Onnx("net.onnx"));
        var inputs = await Plan(spec);
        var stage = new TrainStage(new(Epochs: 1, LearningRate: 1e-6, WeightDecay: 0));
        var recipe = Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model!.Settings)[0].Recipe;
        var given = ImmutableSortedDictionary<string, string>.Empty.Add("weights", recipe.Model.Given!.Weights);

        var trained = Runner().Run(new("key", stage, recipe, spec.Data, given), _ => { }, TestContext.Current.CancellationToken);

        var (before, after) = (Weights(1)["fc.weight"].Floats.ToArray(), SafeTensors.Read(stores.Get(trained.Artifacts["weights"]), "weights")["fc.weight"].Floats.ToArray());
        Assert.NotEqual(before, after);
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("fresh")]
    public async Task A_network_that_is_exported_as_it_came_gives_the_scores_of_its_own_file(string? batchNorm)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "digits-cnn.onnx");
        var spec = Spec(file) with { Source = new(File: file, BatchNorm: batchNorm) };
        spec = spec with { Data = spec.Data with { Normalize = new("0.306", "0.377") } };
        var inputs = await Plan(spec);
        var recipe = Planner.Plan(spec, inputs.Data, inputs.Numerics, inputs.Model!.Settings)[0].Recipe;
        var made = ImmutableSortedDictionary<string, string>.Empty;
        foreach (var stage in recipe.Stages)
        {
            var taken = StageInputs.Of(stage).Required.ToImmutableSortedDictionary(role => role, role => made[role]);
            made = made.SetItems(Runner().Run(new("key", stage, recipe, spec.Data, taken), _ => { }, TestContext.Current.CancellationToken).Artifacts);
        }

        var images = new DataCatalog().For(spec.Data, inputs.Data).Validation;
        using var own = OnnxRuntimeSession.Load(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        using var exported = OnnxRuntimeSession.Load(stores.Get(made["onnx"]));
        var (expected, scores) = (own.Run(images.Pixels(0, images.Count), images.Count), exported.Run(images.Pixels(0, images.Count), images.Count));
        Assert.All(expected.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * expected.Max(Math.Abs)));
        var classes = new int[images.Count];
        Scores.ArgMax(scores, 10, classes);
        Assert.InRange(Scores.Top1(classes, images.Labels), 0.97, 1);

        // Five convolutions, none with a normalization: their biases move into it.
        var weights = SafeTensors.Read(stores.Get(made["weights"]), "weights");
        Assert.Equal(batchNorm is null ? 0 : 5, weights.Keys.Count(name => name.EndsWith(".running_mean", StringComparison.Ordinal)));
        Assert.Equal(batchNorm is null ? [] : ["Convolutions without BatchNorm get a new one, 5 of them; exported files have it folded in again."], inputs.Model.Notes);
    }

    [Fact]
    public async Task Normalizations_that_are_there_already_are_not_added_and_the_identity_is_the_same()
    {
        var plain = Spec(Onnx("net.onnx"));
        var inputs = await Plan(plain with { Source = plain.Source! with { BatchNorm = "fresh" } });

        Assert.Equal(await Plan(plain), inputs);
        Assert.Equal(["Every convolution has BatchNorm: none is added."], inputs.Model!.Notes);
    }

    [Fact]
    public async Task Weights_of_a_builders_network_leave_its_layers_to_the_builder()
    {
        var path = Path.Combine(folder, "resnet8.safetensors");
        await File.WriteAllBytesAsync(path, SafeTensors.Write(Weights(3)), TestContext.Current.CancellationToken);
        var spec = Spec(path) with { Model = new("resnet8"), Source = new(Weights: path) };

        var model = (await Plan(spec)).Model!;

        Assert.Equal(("resnet8", null), (model.Settings.Network, model.Settings.Given!.Graph));
        Assert.Equal(Weights(3)["conv1.weight"].Floats, SafeTensors.Read(stores.Get(model.Settings.Given.Weights), "weights")["conv1.weight"].Floats);
    }

    [Fact]
    public async Task Weights_for_other_classes_are_refused_with_both_numbers()
    {
        var path = Path.Combine(folder, "resnet8.safetensors");
        await File.WriteAllBytesAsync(path, SafeTensors.Write(GraphNetwork.Initial(ResNet.Build("resnet8", Digit, 100), 1)), TestContext.Current.CancellationToken);

        Assert.StartsWith(
            "model.weights: resnet8.safetensors does not fit network resnet8; nothing was loaded.",
            await Refusal(Spec(path) with { Model = new("resnet8"), Source = new(Weights: path) }, "100 classes", " 10"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() =>
        Assert.Equal(
            $"model.file: {folder}/net.onnx: there is no such file. Relative paths start at the spec's folder.", await Refusal(Spec(Path.Combine(folder, "net.onnx"))));

    [Fact]
    public async Task A_folder_is_no_file() => Assert.Equal($"model.file: {folder} is a folder; name the file in it.", await Refusal(Spec(folder)));

    [Fact]
    public async Task An_empty_file_and_a_device_are_refused()
    {
        var path = Path.Combine(folder, "empty.onnx");
        await File.WriteAllBytesAsync(path, [], TestContext.Current.CancellationToken);
        Assert.Equal($"model.file: {path} is empty, a pipe or a device; models are read from files.", await Refusal(Spec(path)));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/zero never ends, on Linux.");
        Assert.Equal("model.file: /dev/zero is empty, a pipe or a device; models are read from files.", await Refusal(Spec("/dev/zero")));
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_refused()
    {
        var path = Path.Combine(folder, "net.onnx");
        await File.WriteAllTextAsync(path, "hello", TestContext.Current.CancellationToken);
        Assert.StartsWith($"model.file: {path} cannot be imported: ", await Refusal(Spec(path)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_that_the_layer_graph_lacks_is_refused_by_name()
    {
        var path = Onnx("net.onnx");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        "Gelu"u8.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("Relu"u8)));
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        await Refusal(Spec(path), "model.file: ", "net.onnx cannot be imported: node 'relu' (Gelu) ", "Replace the operator in the model and export it anew");
    }

    [Fact]
    public async Task Images_of_another_shape_are_refused_with_both_shapes() =>
        await Refusal(Spec(Onnx("net.onnx", ResNet.Build("resnet8", new(3, 32, 32), 10))), "model.file: ", "3x32x32", "1x8x8");

    [Fact]
    public async Task Another_number_of_classes_than_the_datas_is_refused() =>
        await Refusal(Spec(Onnx("net.onnx", ResNet.Build("resnet8", Digit, 7))), "model.file: ", "gives 7 scores", "the data have 10 classes");

    [Fact]
    public async Task A_pool_that_the_trainer_cannot_run_is_refused()
    {
        var pool = new AveragePool("pool", "input", "pooled", new Window(2, 2, DilationHeight: 2));
        var graph = new LayerGraph("pooled", "input", Digit, "scores", [pool, new Flatten("flat", "pooled", "flattened"), new Gemm("fc", "flattened", "scores", 6 * 7, 10)]);
        await Refusal(Spec(Onnx("net.onnx", graph, opset: 19)), "model.file: ", "cannot be trained or evaluated here", "'pool' is an average pool with dilation");
    }

    [Fact]
    public async Task Weights_that_are_not_numbers_are_refused_by_name()
    {
        var weights = Weights(1);
        var broken = weights["layer1.0.conv1.weight"].Floats.ToArray();
        broken[5] = float.NaN;
        weights = weights.SetItem("layer1.0.conv1.weight", HostArray.Of(broken, weights["layer1.0.conv1.weight"].Shape.AsSpan()));
        await Refusal(Spec(Onnx("net.onnx", weights: weights)), "model.file: ", "'layer1.0.conv1.weight' holds NaN or infinity");
    }

    [Fact]
    public async Task A_network_of_which_nothing_can_be_pruned_is_refused_where_the_spec_wants_it_sparse()
    {
        var narrow = ResNet.Build("resnet8", Digit, 10, width: 2);
        var spec = Spec(Onnx("net.onnx", narrow));
        spec = spec with { Variants = spec.Variants with { Sparse = new(["m4n2_1d"], [new(Epochs: 1)], [new()]) } };
        await Refusal(spec, "variants.sparse: no layer of net.onnx can be pruned by m4n2_1d; the first, conv1 (2x1x3x3): ");
    }

    [Fact]
    public async Task A_layer_that_the_users_network_has_not_is_refused()
    {
        var spec = Spec(Onnx("net.onnx"));
        spec = spec with { Variants = spec.Variants with { Ptq = spec.Variants.Ptq! with { Quantize = [new(Layers: new(Exclude: "fcc"))] } } };
        await Refusal(spec, "variants.ptq.quantize: No layer is named 'fcc'; did you mean 'fc'?");
    }

    private static ImmutableSortedDictionary<string, HostArray> Weights(int seed) => GraphNetwork.Initial(Graph, seed);

    private string Onnx(string name, LayerGraph? graph = null, int seed = 1, ImmutableSortedDictionary<string, HostArray>? weights = null, int opset = 13)
    {
        var path = Path.Combine(folder, name);
        graph ??= Graph;
        File.WriteAllBytes(path, OnnxExporter.Export(graph, weights ?? GraphNetwork.Initial(graph, seed), new(opset, BatchNormForm.Keep)));
        return path;
    }

    private static SweepSpec Spec(string file) => new(
        "given", 1, new(ModelSettings.Imported), new("digits-csv", Path.Combine(AppContext.BaseDirectory, "digits.csv.gz")), new(),
        new(new([], [new()]), null, new([VariantKind.Dense], [new()], [new()], [new()]), null), new(), [], 1, new(), new(File: file));

    private async Task<PlanInputs> Plan(SweepSpec spec) => await new LocalPlanInputs(new PlainSurroundings(), new DataCatalog(), stores).For(spec);

    private Task<PlanInputs> Plan(string file) => Plan(Spec(file));

    private async Task<string> Refusal(SweepSpec spec, params string[] says)
    {
        var message = (await Assert.ThrowsAsync<InvalidDataException>(() => Plan(spec))).Message;
        Assert.All(says, part => Assert.Contains(part, message, StringComparison.Ordinal));
        return message;
    }

    private CompressionStageRunner Runner() =>
        new(stores, stores, new DataCatalog(), Options.Create(new CheckpointOptions()), TimeProvider.System, NullLogger<CompressionStageRunner>.Instance);
}
