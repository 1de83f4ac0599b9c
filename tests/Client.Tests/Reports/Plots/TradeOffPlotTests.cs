using System.Xml.Linq;
using SparseGrid.Console.Reports.Plots;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Spec;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Reports.Plots;

public sealed class TradeOffPlotTests
{
    private static readonly Goal[] Goals = [new("accuracy_drop", 1), new("latency_ratio", 0.8)];

    private static XElement Svg(IReadOnlyList<TrialRow> rows, TradeOff? tradeOff = null, int width = 860, Goal[]? goals = null) =>
        TradeOffPlot.Svg(rows, goals ?? Goals, Recommendation.Of(rows, goals ?? Goals), tradeOff ?? TradeOff.Speed, "p", width, 460, row => $"#trial-{row.Index}");

    private static XElement[] Points(XElement svg) => [.. svg.Descendants().Where(element => (string?)element.Attribute("class") == "point")];

    private static double X(XElement point) => (double)point.Attribute("cx")!;

    private static double Y(XElement point) => (double)point.Attribute("cy")!;

    [Theory]
    [InlineData(860)]
    [InlineData(380)]
    public void Has_one_point_for_each_finished_variant_and_none_for_others(int width)
    {
        TrialRow[] rows = [.. ThreeRows(), Failed(3, "dense/qat", 0, "x"), ThreeRows()[2] with { Index = 4, Result = null, State = TrialState.Waiting }];
        Assert.Equal(["0", "1", "2"], Points(Svg(rows, width: width)).Select(point => point.Attribute("data-trial")!.Value));
        Assert.Equal(["0", "1", "2"], Points(Svg(rows, TradeOff.Size, width)).Select(point => point.Attribute("data-trial")!.Value));
    }

    [Fact]
    public void Faster_is_further_right_larger_too_and_more_accurate_is_higher()
    {
        var (speed, size) = (Points(Svg(ThreeRows())), Points(Svg(ThreeRows(), TradeOff.Size)));
        Assert.True(X(speed[2]) > X(speed[0]) && X(speed[0]) == X(speed[1]));
        Assert.True(X(size[2]) < X(size[0]));
        Assert.True(Y(speed[0]) < Y(speed[1]) && Y(speed[1]) < Y(speed[2]));
    }

    [Fact]
    public void A_point_tells_its_variant_and_figures_and_leads_to_its_details()
    {
        var point = Points(Svg(ThreeRows()))[2];
        Assert.Equal("dense/sparse/ptq max (20ab20ab): top-1 96.67 % [94.67, 97.67], 2.50x, median 0.160 ms, 90.0 KiB, recommended", point.Value);
        Assert.Equal("#trial-2", point.Parent!.Attribute("href")!.Value);
    }

    [Fact]
    public void Every_point_lies_within_the_drawing_also_where_one_diverged_or_all_are_alike()
    {
        TrialRow[] diverged = [.. ThreeRows(), Row(3, "dense lr=9", VariantKind.Dense, -1, 0.1, 0, 0.4, 307200, diverged: true)];
        TrialRow[] alike = [ThreeRows()[0], ThreeRows()[0] with { Index = 1, Path = "dense #2" }];
        TrialRow[] perfect = [Row(0, "dense", VariantKind.Dense, -1, 1, 0, 0.4, 1000)];
        foreach (var rows in (TrialRow[][])[diverged, alike, perfect, [diverged[3] with { Index = 0 }]])
        {
            var points = Points(Svg(rows));
            Assert.Equal(rows.Length, points.Length);
            Assert.All(points, point => Assert.True(X(point) is > 0 and < 860 && Y(point) is > 0 and < 460, point.Value));
        }

        // What diverged does not push the others together.
        Assert.True(Math.Abs(Y(Points(Svg(diverged))[0]) - Y(Points(Svg(diverged))[2])) > 40);
        Assert.Contains(", diverged", Points(Svg(diverged))[3].Value);
    }

    [Fact]
    public void Draws_goals_where_there_are_any_and_the_front_where_it_has_two_points()
    {
        Assert.Equal(2, Svg(ThreeRows()).Descendants().Count(element => element.Name.LocalName == "text" && element.Value == "goal"));
        Assert.DoesNotContain(Svg(ThreeRows(), goals: []).Descendants(), element => element.Value == "goal");
        Assert.Contains(Svg(ThreeRows()).Descendants(), element => element.Value == "Pareto front");
        Assert.DoesNotContain(Svg([ThreeRows()[0]]).Descendants(), element => element.Value == "Pareto front");
    }

    [Fact]
    public void Kinds_have_markers_of_their_own()
    {
        TrialRow[] rows = [.. ThreeRows(), Row(3, "dense/qat", VariantKind.Qat, 0, 0.97, -0.005, 0.2, 90000)];
        var legend = Svg(rows).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToArray();
        Assert.All((string[])["dense FP32", "2:4 FP32", "PTQ of 2:4", "QAT"], title => Assert.Contains(title, legend));
        Assert.DoesNotContain("PTQ", legend);
    }

    [Fact]
    public void Equal_results_give_equal_files_and_a_hostile_name_stays_text()
    {
        TrialRow[] rows = [ThreeRows()[0] with { Path = "dense/<script>alert('\u0001 & \ud800')</script>" }];
        var document = new Console.Exports.ResultDocument(Status(), new("digits", []), [], [.. rows], new(null, ""));
        var file = PlotFile.Text(document);
        Assert.Equal(file, PlotFile.Text(document));
        Assert.DoesNotContain(XDocument.Parse(file).Descendants(), element => element.Name.LocalName == "script");
        Assert.Contains("<script>alert('\ufffd & \ufffd')</script>", XDocument.Parse(file).Root!.Value);
    }
}
