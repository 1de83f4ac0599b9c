using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Stages;
using SparseGrid.Grains.Identity;

namespace SparseGrid.Grains.Tests.Identity;

public sealed class RecipeIdentityTests
{
    /// <summary>Written by hand. All hashes below are those of Python: hashlib.sha256 over json.dumps with sorted keys and no spaces.</summary>
    private const string DenseJson =
        """{"data":{"digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","format":"digits-csv","split_seed":0,"test":0.2,"validation":0.15}""" +
        ""","kind":"dense","model":{"network":"resnet8","width":16}""" +
        ""","numerics":{"device":"cpu","executor":"eager","libtorch":"2.10.0","precision":"fp32","threads":1,"version":1},"seed":7""" +
        ""","stages":[{"settings":{"batch_size":64,"epochs":30,"flip":false,"label_smoothing":0,"learning_rate":0.1,"momentum":0.9,"schedule":"cosine","shift_pixels":1""" +
        ""","step_epochs":30,"step_factor":0.1,"warmup_epochs":1,"weight_decay":0.0001},"stage":"train"},{"batch_norm":"fold","opset":13,"stage":"export"}]}""";

    [Fact]
    public void The_identity_of_a_dense_recipe_is_pinned()
    {
        Assert.Equal(DenseJson, CanonicalJson.Text(Samples.Dense));
        Assert.Equal("f46b7e81d4ceb5efc1ef9fc6f93cd105bc00b33ec133a02b373c2567a44bd823", RecipeIdentity.Of(Samples.Dense).Value);
    }

    [Fact]
    public void The_identity_of_a_quantized_recipe_is_pinned() =>
        Assert.Equal("6477d41bb98d46e77cd896b5684d5988021faf52637a5811b76cef12866e27de", RecipeIdentity.Of(Samples.Qat).Value);

    [Fact]
    public void The_identity_of_a_recipe_of_a_users_own_network_is_pinned()
    {
        Assert.Contains(
            $$""","model":{"given":{"graph":"{{new string('9', 64)}}","weights":"{{new string('8', 64)}}"},"network":"imported","width":0},""", CanonicalJson.Text(Samples.Given),
            StringComparison.Ordinal);
        Assert.Equal("8dfe74cb57bbb3bed72367c99acb649f21b7bda9d4a63c569d3e3dc650e394db", RecipeIdentity.Of(Samples.Given).Value);
    }

    [Fact]
    public void Every_field_of_a_recipe_changes_the_identity()
    {
        Recipe[] recipes = [Samples.Dense, Samples.Qat, Samples.Given, Samples.Dense with { Parent = new(new('b', 64)), Stages = [new PruneStage("m4n2_1d")] }];
        foreach (var recipe in recipes)
        {
            var changed = Changes(recipe).Cast<(string Path, object Value)>().Select(change => (change.Path, Id: RecipeIdentity.Of((Recipe)change.Value))).ToList();
            var identities = changed.Select(change => change.Id).Append(RecipeIdentity.Of(recipe)).ToHashSet();

            Assert.True(changed.Count >= 19, $"{changed.Count} changes");
            var silent = changed.GroupBy(change => change.Id).Where(group => group.Count() > 1 || group.Key == RecipeIdentity.Of(recipe)).SelectMany(group => group);
            Assert.True(identities.Count == changed.Count + 1, "These leave the identity, or equal another change: " + string.Join(", ", silent.Select(change => change.Path)));
        }
    }

    [Fact]
    public void Equal_recipes_made_apart_have_one_identity()
    {
        var again = Samples.Qat with { Stages = [.. Samples.Qat.Stages.Select(stage => stage with { })], Model = Samples.Model with { } };

        Assert.Equal(RecipeIdentity.Of(Samples.Qat), RecipeIdentity.Of(again));
    }

    /// <summary>The value with one leaf changed, for every leaf below it.</summary>
    private static IEnumerable<(string Path, object Value)> Changes(object value)
    {
        foreach (var property in value.GetType().GetProperties().Where(property => property.SetMethod is not null))
        {
            foreach (var (path, changed) in Leaf(property.GetValue(value), property.PropertyType))
            {
                var clone = value.GetType().GetMethod("<Clone>$")!.Invoke(value, null)!;
                property.SetValue(clone, changed);
                yield return ($"{property.Name}{path}", clone);
            }
        }
    }

    private static IEnumerable<(string Path, object? Value)> Leaf(object? value, Type type)
    {
        switch (value)
        {
            case int number:
                yield return ("", number + 1);
                break;
            case double number:
                yield return ("", number + 0.001);
                break;
            case bool truth:
                yield return ("", !truth);
                break;
            case string text:
                yield return ("", text + "x");
                break;
            case VariantKind kind:
                yield return ("", (VariantKind)(((int)kind + 1) % 4));
                break;
            case VariantId id:
                yield return ("", new VariantId(id.Value + "x"));
                yield return ("=null", null);
                break;
            case null when type == typeof(VariantId?):
                yield return ("", new VariantId(new('c', 64)));
                break;
            case null when type == typeof(QuantizeSettings):
                yield return ("", new QuantizeSettings());
                break;
            case null when type == typeof(string):
                yield return ("", "x");
                break;
            case null when type == typeof(AdamWSettings):
                yield return ("", new AdamWSettings());
                yield return (".beta1", new AdamWSettings(Beta1: 0.8));
                yield return (".beta2", new AdamWSettings(Beta2: 0.99));
                yield return (".epsilon", new AdamWSettings(Epsilon: 1e-6));
                break;
            case null when type == typeof(PruneSettings):
                yield return ("", new PruneSettings("m8n4_1d"));
                yield return (".exclude", new PruneSettings(Exclude: "fc"));
                break;
            case null when type == typeof(QuantizedLayerSettings):
                yield return (".include", new QuantizedLayerSettings(Include: "fc"));
                yield return (".exclude", new QuantizedLayerSettings(Exclude: "fc"));
                yield return (".residual", new QuantizedLayerSettings(Residual: false));
                yield return (".ends", new QuantizedLayerSettings(FloatEnds: "both"));
                break;
            case null when type == typeof(WeightRangeSettings):
                yield return (".method", new WeightRangeSettings("mse"));
                yield return (".percentile", new WeightRangeSettings(Percentile: 99));
                yield return (".granularity", new WeightRangeSettings(Granularity: "tensor"));
                break;
            case null when type == typeof(RangeSearchSettings):
                yield return (".start", new RangeSearchSettings(512));
                yield return (".stride", new RangeSearchSettings(Stride: 4));
                break;
            case null when type == typeof(bool?):
                yield return ("", true);
                break;
            case null when type == typeof(NormalizeSettings):
                yield return (".mean", new NormalizeSettings("0.5", "1"));
                yield return (".std", new NormalizeSettings("0", "0.5"));
                break;
            case null when type == typeof(GivenNetwork):
                yield return (".weights", new GivenNetwork(new('e', 64)));
                yield return (".graph", new GivenNetwork(new('e', 64), new('f', 64)));
                yield return (".bn", new GivenNetwork(new('e', 64), new('f', 64), "fresh"));
                break;
            case null when type == typeof(DataLayout):
                yield return ("", new DataLayout("1x28x28"));
                yield return ("", new DataLayout(Classes: 10));
                yield return ("", new DataLayout(PixelMax: 16));
                yield return ("", new DataLayout(Label: "first"));
                break;
            case ImmutableArray<Stage> stages:
                yield return (".drop", stages.RemoveAt(0));
                if (stages.Length > 1)
                    yield return (".order", stages.Reverse().ToImmutableArray());
                for (var i = 0; i < stages.Length; i++)
                {
                    foreach (var (path, changed) in Changes(stages[i]))
                        yield return ($"[{i}].{path}", stages.SetItem(i, (Stage)changed));
                }

                break;
            case not null and not IEnumerable when value.GetType().GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.Instance) is not null:
                foreach (var (path, changed) in Changes(value))
                    yield return ($".{path}", changed);
                break;
            default:
                throw new InvalidOperationException($"No change is known for {type}; add one, so that the new field is tested.");
        }
    }
}
