using System.Text.Json.Nodes;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Spec.Reading;

namespace SparseGrid.Contracts.Tests.Spec;

public sealed class SpecSchemaTests
{
    [Fact]
    public void The_schema_lists_the_keys_that_the_reader_knows_and_no_others()
    {
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        KeysOf(SpecVocabulary.Root, "", keys);

        var root = JsonNode.Parse(SpecSchema.Text)!.AsObject();
        var listed = new SortedSet<string>(StringComparer.Ordinal);
        PropertiesOf(root, root, "", listed);

        Assert.True(keys.Count > 60, $"{keys.Count} keys");
        Assert.Equal(keys, listed);
    }

    [Fact]
    public void The_schema_is_the_one_that_the_vocabulary_stands_for()
    {
        var expected = SchemaOfVocabulary.Write();
        if (expected != SpecSchema.Text)
            File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "sweep.schema.json"), expected);

        Assert.True(
            expected == SpecSchema.Text,
            $"The vocabulary has changed. Copy {Path.Combine(AppContext.BaseDirectory, "sweep.schema.json")} over Contracts/Spec/sweep.schema.json.");
    }

    [Fact]
    public void The_reference_has_a_row_for_every_key_with_its_default()
    {
        var rows = new List<string>();
        RowsOf(SpecVocabulary.Root, "", rows);
        var lines = File.ReadAllLines(Repository.File("docs", "spec.md")).ToHashSet();
        var missing = rows.Where(row => !lines.Contains(row)).ToList();

        Assert.True(missing.Count == 0, "docs/spec.md has not these rows:\n" + string.Join("\n", missing));
    }

    [Fact]
    public void The_example_of_the_reference_plans_the_trials_that_it_says()
    {
        var text = File.ReadAllText(Repository.File("docs", "spec.md"));
        var from = text.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        var spec = SpecReaderTests.Read(text[from..text.IndexOf("```", from, StringComparison.Ordinal)]);

        Assert.Equal(12, spec.Variants.Count);
        Assert.Contains("= 12 trials", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_references_examples_of_calibration_make_the_variants_that_it_says()
    {
        const string start = "```yaml\nptq: ";
        var text = File.ReadAllText(Repository.File("docs", "spec.md"));
        var section = text[text.IndexOf("### `calibrate`", StringComparison.Ordinal)..text.IndexOf("### `quantize`", StringComparison.Ordinal)];
        var counts = new List<int>();
        for (var at = section.IndexOf(start, StringComparison.Ordinal); at >= 0; at = section.IndexOf(start, at + 1, StringComparison.Ordinal))
        {
            var example = section[(at + "```yaml\n".Length)..section.IndexOf("\n```", at, StringComparison.Ordinal)];
            counts.Add(SpecReaderTests.Read(SpecReaderTests.Small + $"\n  {example}\n").Variants.Ptq!.Calibrate.Length);
        }

        Assert.Equal([6, 2, 2], counts);
    }

    [Fact]
    public void The_reference_has_an_example_of_reordered_channels_that_is_read()
    {
        const string start = "```yaml\nsparse: ";
        var text = File.ReadAllText(Repository.File("docs", "spec.md"));
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        var example = text[from..text.IndexOf("\n```", from, StringComparison.Ordinal)];
        var spec = SpecReaderTests.Read(SpecReaderTests.Small.TrimEnd() + "\n  sparse: " + example);

        Assert.Equal([new PermuteSettings(), new PermuteSettings("exhaustive-8")], spec.Variants.Sparse!.Permutes);
    }

    [Fact]
    public void The_reference_has_an_example_that_is_read_for_every_kind_of_data()
    {
        const string start = "```yaml\ndata: ";
        var text = File.ReadAllText(Repository.File("docs", "spec.md"));
        var formats = new SortedSet<string>(StringComparer.Ordinal);
        for (var at = text.IndexOf(start, StringComparison.Ordinal); at >= 0; at = text.IndexOf(start, at + 1, StringComparison.Ordinal))
        {
            var example = text[(at + start.Length)..text.IndexOf("\n```", at, StringComparison.Ordinal)];
            formats.Add(SpecReaderTests.Read(SpecReaderTests.Small.Replace("{ format: digits-csv, path: digits.csv }", example, StringComparison.Ordinal)).Data.Format);
        }

        Assert.Equal(["cifar10", "csv", "digits-csv", "fashion-mnist", "idx", "npz"], formats);
    }

    [Fact]
    public void The_references_examples_of_a_users_own_network_are_read()
    {
        const string start = "```yaml\nmodel: ";
        var text = File.ReadAllText(Repository.File("docs", "spec.md"));
        var sources = new List<string>();
        for (var at = text.IndexOf(start, StringComparison.Ordinal); at >= 0; at = text.IndexOf(start, at + 1, StringComparison.Ordinal))
        {
            var example = text[(at + start.Length)..text.IndexOf("\n```", at, StringComparison.Ordinal)];
            sources.Add(Path.GetFileName(SpecReaderTests.Read(SpecReaderTests.Small.Replace("{ network: resnet8 }", example, StringComparison.Ordinal)).Source!.Path));
        }

        Assert.Equal(["digits-cnn.onnx", "digits-cnn.onnx", "resnet34.pth"], sources);
    }

    [Theory]
    [InlineData("sparse", 8)]
    [InlineData("dense", 2)]
    public void The_reference_has_examples_that_are_read_of_how_to_prune_and_of_optimizers(string kind, int variants)
    {
        var text = File.ReadAllText(Repository.File("docs", "spec.md"));
        var start = $"```yaml\n{kind}:\n";
        var examples = 0;
        for (var at = text.IndexOf(start, StringComparison.Ordinal); at >= 0; at = text.IndexOf(start, at + 1, StringComparison.Ordinal), examples++)
        {
            var example = text[(at + "```yaml\n".Length)..text.IndexOf("\n```", at, StringComparison.Ordinal)].Replace("\n", "\n  ", StringComparison.Ordinal);
            var dense = "\n  dense: { train: { epochs: 3 } }";
            var spec = SpecReaderTests.Read(SpecReaderTests.Small.Replace(dense, kind == "dense" ? "\n  " + example : $"{dense}\n  {example}", StringComparison.Ordinal));
            Assert.Equal(variants, kind == "dense" ? spec.Variants.Dense.Count : spec.Variants.Sparse!.Count);
        }

        Assert.True(examples > 0, $"docs/spec.md has no example of {kind}");
    }

    private static void KeysOf(Section section, string path, SortedSet<string> keys)
    {
        foreach (var key in section.Keys)
        {
            Assert.True(keys.Add(path + key.Name), $"{path}{key.Name} stands twice");
            if (key.Shape is Section below)
                KeysOf(below, $"{path}{key.Name}.", keys);
        }
    }

    private static void PropertiesOf(JsonObject root, JsonObject node, string path, SortedSet<string> listed)
    {
        if (node["$ref"] is { } reference)
            node = root["$defs"]![reference.GetValue<string>()["#/$defs/".Length..]]!.AsObject();
        if (node["properties"] is not JsonObject properties)
            return;

        Assert.False(node["additionalProperties"]!.GetValue<bool>());
        foreach (var (name, property) in properties)
        {
            Assert.True(property!["description"]!.GetValue<string>().Length > 0, $"{path}{name} has no description");
            listed.Add(path + name);
            PropertiesOf(root, property.AsObject(), $"{path}{name}.", listed);
        }
    }

    /// <summary>Rows of the reference; a section that stands under several keys has its rows once, under its own name.</summary>
    private static void RowsOf(Section section, string path, List<string> rows)
    {
        foreach (var key in section.Keys)
        {
            if (key.Shape is Section below)
            {
                RowsOf(below, $"{path}{key.Name}.", rows);
                continue;
            }

            var standing = key.Default switch
            {
                null => key.Required ? "required" : "none",
                bool truth => truth ? "true" : "false",
                System.Collections.Immutable.ImmutableArray<string> words => words[0],
                var value => $"{value}",
            };
            var shared = new[] { "train.", "finetune.", "calibrate.", "quantize.", "export." }
                .Select(name => (Name: name, At: path.IndexOf("." + name, StringComparison.Ordinal)))
                .FirstOrDefault(name => path.StartsWith("variants.", StringComparison.Ordinal) && name.At >= 0);
            var shown = shared.Name is null ? path : path[(shared.At + 1)..];
            var row = $"| `{shown}{key.Name}` | {key.Shape.Rule} | {standing} | {key.Description} |";
            if (!rows.Contains(row))
                rows.Add(row);
        }
    }
}
