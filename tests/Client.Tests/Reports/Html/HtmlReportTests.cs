using System.IO.Compression;
using System.Xml.Linq;
using SparseGrid.Console.Exports;
using SparseGrid.Console.Reports.Html;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using SparseGrid.Grains.Results;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Reports.Html;

public sealed class HtmlReportTests
{
    private const string Hostile = "dense/\"><script>alert(1)</script>&amp;<img src=x onerror=alert(1)>\u0000\u001b]8;;http://x\u0007\ud800";
    private static readonly Goal[] Goals = [new("accuracy_drop", 1), new("latency_ratio", 0.8)];
    private static readonly FlippedImages Flips = new([new(4, 1, 1, 7), new(9, 2, 3, 2), new(2, 5, 6, 7)], 1, 2, 2, [10, 20, 30, 40, 50, 60, 70, 80]);

    private static string Page(IReadOnlyList<TrialRow> rows, SweepStatus? status = null, Goal[]? goals = null, Func<string, FlippedImages?>? flips = null, string command = "sparsegrid run digits.yaml")
    {
        goals ??= Goals;
        var document = new ResultDocument(status ?? Status(), new("digits", []), [.. goals], [.. rows], Recommendation.Of(rows, goals));
        return HtmlReport.Page(new(Spec(goals), document, command, flips ?? (_ => null)));
    }

    private static XElement Parsed(string page) => XDocument.Parse(page).Root!;

    private static XElement[] All(XElement page, string name) => [.. page.Descendants().Where(element => element.Name.LocalName == name)];

    private static TrialRow Flipped(TrialRow row) => row with
    {
        Result = row.Result! with
        {
            Stages = [.. row.Result.Stages, row.Result.Stages[0] with { Kind = "compare", Artifacts = row.Result.Stages[0].Artifacts.Clear().Add("flips", new string('f', 64)) }],
            Test = row.Result.Test with { Lost = 1, Gained = 1, OtherwiseWrong = 1 },
        },
    };

    [Fact]
    public void The_note_below_the_table_explains_the_columns_that_it_has()
    {
        Assert.Contains("Zeros: of the pruned layers' exported weights. mism.: images that the file and the training framework class differently. Goals,", Page(ThreeRows()));
        var plain = Page([ThreeRows()[0], ThreeRows()[0] with { Index = 1 }]);
        Assert.Contains("exact McNemar p). Goals,", plain);
        Assert.DoesNotContain("mism.", plain);
    }

    [Fact]
    public void Is_well_formed_and_starts_with_the_recommendation()
    {
        var page = Parsed(Page(ThreeRows()));
        Assert.Equal("html", page.Name);
        var header = All(page, "header")[0];
        Assert.Equal("digits", header.Element("h1")!.Value);
        Assert.StartsWith("Deploy dense/sparse/ptq max (20ab20ab): the only variant that meets all goals", header.Elements("p").ElementAt(1).Value);
        Assert.Contains("accuracy drop at most 1 points, latency ratio at most 0.8", header.Value);
        Assert.Equal(["Accuracy, speed, size", "Measured", "Remarks", "Variants", "Provenance"], All(page, "h2").Select(title => title.Value));
    }

    [Fact]
    public void Names_the_file_of_a_network_that_was_brought_and_what_it_held()
    {
        var rows = ThreeRows();
        var given = new ModelSettings(ModelSettings.Imported, Given: new(new('8', 64), new('9', 64)));
        var model = new PlannedModel(given, "mine.onnx", new('1', 64), "1x8x8", 10, 6, 1000, [Hostile, "The Softmax at the end was left out."]);
        var document = new ResultDocument(Status(), new("digits", [], model), [], rows, Recommendation.Of(rows, []));

        var page = HtmlReport.Page(new(Spec() with { Model = given, Source = new(File: "/home/somebody/mine.onnx") }, document, "sparsegrid run own.yaml", _ => null));

        var text = Parsed(page).Value;
        Assert.Contains($"mine.onnx, SHA-256 {new string('1', 64)}: 6 layers", text);
        Assert.Contains($"its weights {new string('8', 64)}, its layers {new string('9', 64)}", text);
        Assert.Contains("The Softmax at the end was left out.", text);
        Assert.Contains("which compressed version of mine.onnx to deploy", text);
        Assert.DoesNotContain("/home/somebody", page);
    }

    [Fact]
    public void Needs_nothing_from_anywhere()
    {
        var page = Parsed(Page([.. ThreeRows().Select(Flipped)], flips: _ => Flips));
        Assert.All(page.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "src" or "href"), attribute =>
            Assert.Matches("^(#trial-[0-9]+|data:image/png;base64,.+)$", attribute.Value));
        Assert.Empty(All(page, "link"));
        Assert.DoesNotContain("url(", All(page, "style")[0].Value);
        Assert.DoesNotContain("@import", All(page, "style")[0].Value);
    }

    [Fact]
    public void Every_link_leads_to_a_place_that_is_there_and_ids_are_unique()
    {
        var page = Parsed(Page(ThreeRows()));
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(page.Descendants().Attributes("href"), link => Assert.Contains(link.Value[1..], ids));
        Assert.All(page.Descendants().Attributes("clip-path"), clip => Assert.Contains(clip.Value[5..^1], ids));
    }

    [Fact]
    public void Names_from_outside_stay_text()
    {
        TrialRow[] rows = [ThreeRows()[0] with { Path = Hostile }, Failed(1, Hostile, 0, Hostile)];
        rows[0] = rows[0] with { Result = rows[0].Result! with { Stages = [.. rows[0].Result!.Stages.Select(stage => stage with { Notes = [Hostile], Provenance = stage.Provenance with { Device = Hostile } })] } };
        var text = Page(rows, command: $"sparsegrid run '{Hostile}'");
        var page = Parsed(text);
        Assert.Single(All(page, "script"));
        Assert.Empty(All(page, "img"));
        Assert.DoesNotContain("<script>alert", text);
        Assert.DoesNotContain('\0', text);
        Assert.Contains(All(page, "code"), code => code.Value.Contains("<script>alert(1)</script>&amp;<img src=x onerror=alert(1)>\ufffd\ufffd]8;;http://x\ufffd\ufffd"));
    }

    [Fact]
    public void No_element_that_html_reads_as_open_is_written_as_empty()
    {
        var page = Page([.. ThreeRows().Select(Flipped)], flips: _ => Flips);
        var empty = System.Text.RegularExpressions.Regex.Matches(page, "<([a-z0-9]+)[^<>]*/>").Select(match => match.Groups[1].Value).Distinct();
        Assert.Subset(new HashSet<string> { "meta", "img", "br", "hr" }, empty.ToHashSet());
    }

    [Fact]
    public void The_style_and_the_script_read_the_same_as_html_and_as_xml()
    {
        var page = Parsed(Page(ThreeRows()));
        Assert.All(All(page, "style").Concat(All(page, "script")), element => Assert.True(element.Value.AsSpan().IndexOfAny("<>&") < 0));
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(All(page, "script")[0].Value)));
        Assert.Contains($"'sha256-{hash}'", All(page, "meta").Single(meta => meta.Attribute("http-equiv") is not null).Attribute("content")!.Value);
    }

    [Fact]
    public void Shows_changed_predictions_as_pictures_of_their_pixels()
    {
        var page = Parsed(Page([.. ThreeRows().SetItem(1, Flipped(ThreeRows()[1]))], flips: hash => hash == new string('f', 64) ? Flips : null));
        var pictures = All(page, "img");
        Assert.Equal(
            ["test image 4: labelled 1, dense says 1, the variant 7", "test image 9: labelled 2, dense says 3, the variant 2"],
            pictures.Select(picture => picture.Attribute("alt")!.Value));
        Assert.Equal(["lost", "gained"], All(page, "h5").Select(title => title.Value));
        Assert.Contains("3 of 360 test images: 1 lost (dense was right), 1 gained, 1 wrong both times", page.Value);
        Assert.Contains("The first 2 are shown; all 3", page.Value);

        var png = Convert.FromBase64String(pictures[1].Attribute("src")!.Value["data:image/png;base64,".Length..]);
        Assert.Equal<byte>([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8]);
        var data = png.AsSpan().IndexOf("IDAT"u8) + 4;
        using var lines = new ZLibStream(new MemoryStream(png[data..]), CompressionMode.Decompress);
        var pixels = new byte[6];
        lines.ReadExactly(pixels);
        Assert.Equal<byte>([0, 50, 60, 0, 70, 80], pixels); // a filter byte starts each line
    }

    [Fact]
    public void Large_pictures_are_averaged_down()
    {
        var large = new FlippedImages([new(0, 1, 1, 2)], 3, 100, 130, [.. Enumerable.Repeat((byte)200, 3 * 100 * 130)]);
        var src = All(Parsed(Page([Flipped(ThreeRows()[0])], flips: _ => large)), "img")[0].Attribute("src")!.Value;
        var png = Convert.FromBase64String(src["data:image/png;base64,".Length..]);
        Assert.Equal((43, 33, 2), (png[19], png[23], png[25])); // 130 / 3, 100 / 3, RGB
    }

    [Fact]
    public void Pictures_that_are_gone_are_said_to_be() =>
        Assert.Contains("Their pictures cannot be shown: artifact ffffffffffff… is not in the folder any more", Parsed(Page([Flipped(ThreeRows()[0])])).Value);

    [Fact]
    public void A_sweep_without_any_result_has_a_page_too()
    {
        var rows = new[] { ThreeRows()[0] with { Result = null, State = TrialState.Waiting }, Failed(1, "dense/qat", 0, "disk full") };
        foreach (var text in (string[])[Page(rows, Status(SweepState.Stopped, finished: 0, waiting: 1, failed: 1)), Page([], Status(finished: 0, trials: 0))])
        {
            var page = Parsed(text);
            Assert.Contains("No variant can be recommended: none has a finished result.", page.Value);
            Assert.Empty(All(page, "svg"));
        }

        Assert.Contains("failed  dense/qat (10ab10ab): disk full", Parsed(Page(rows)).Value);
    }

    [Fact]
    public void Diverged_and_failed_rows_are_told()
    {
        TrialRow[] rows = [.. ThreeRows(), Row(3, "dense lr=9", VariantKind.Dense, -1, 0.1, 0, 0.4, 307200, diverged: true), Failed(4, "dense/qat", 0, "out of memory")];
        var page = Parsed(Page(rows));
        Assert.Contains("dense lr=9 (diverged)", page.Value);
        Assert.Contains("diverged  dense lr=9 (30ab30ab)", page.Value);
        Assert.Contains("failed  dense/qat (40ab40ab): out of memory", page.Value);
    }

    [Fact]
    public void Says_of_each_stage_whether_this_run_made_it()
    {
        var rows = ThreeRows();
        var early = rows[1].Result! with { Stages = [.. rows[1].Result!.Stages.Select(stage => stage with { Key = "own", Provenance = stage.Provenance with { Started = Noon.AddHours(-1) } })] };
        var page = Parsed(Page(rows.SetItem(1, rows[1] with { Result = early })));
        var made = All(page, "details").Take(3).Select(details => All(details, "tr")[1].Elements("td").ElementAt(2).Value);
        Assert.Equal(["this run", "reused: earlier run", "reused: made for dense"], made);
    }

    [Fact]
    public void Replicates_are_shown_as_mean_and_spread_with_n()
    {
        var dense = ThreeRows()[0];
        TrialRow[] rows = [dense, Row(1, "dense #2", VariantKind.Dense, -1, 0.985, 0, 0.4, 307200) with { Seed = 8 }];
        var table = All(Parsed(Page(rows)), "section").Single(section => section.Element("h2")!.Value == "Replicates");
        Assert.Equal(["dense", "2", "7, 8", "98.00 ± 0.71", "0.00 ± 0.00", "1.00x ± 0.00", "–"], All(table, "td").Select(cell => cell.Value));
    }

    [Fact]
    public void Equal_documents_give_equal_pages() => Assert.Equal(Page(ThreeRows()), Page(ThreeRows()));

    [Fact]
    public void A_page_of_many_variants_details_the_first_200_and_the_recommended_one()
    {
        TrialRow[] rows = [.. Enumerable.Range(0, 250).Select(i => Row(i, $"dense lr={i}", VariantKind.Dense, -1, 0.9, 0, i == 240 ? 0.1 : 0.4, 1000) with { Variant = Id(i % 16) })];
        var page = Parsed(Page(rows, goals: []));
        Assert.Equal(201 + 1, All(page, "details").Length); // and the list of recipes
        Assert.Contains("Of 250 variants the first 200 are shown", page.Value);
    }
}
