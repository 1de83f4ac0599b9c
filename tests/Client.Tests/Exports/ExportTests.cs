using System.Text.Json;
using SparseGrid.Console.Exports;
using SparseGrid.Contracts.Results;
using SparseGrid.Contracts.Sweeps;
using static SparseGrid.Client.Tests.Sample;

namespace SparseGrid.Client.Tests.Exports;

public sealed class ExportTests
{
    private static ResultDocument Document() => new(
        Status(), new SweepPlan("digits", []), [new("accuracy_drop", 1)],
        [.. ThreeRows(), Failed(3, "dense/qat \"a, b\"", 0, "line one\nline two")], Recommendation.Of(ThreeRows(), [new("accuracy_drop", 1)]));

    [Fact]
    public void Json_holds_sweep_plan_goals_rows_and_recommendation_in_this_order()
    {
        using var json = JsonDocument.Parse(JsonDocuments.Text(Document()));
        Assert.Equal(["sweep", "plan", "goals", "rows", "recommendation"], json.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("finished", json.RootElement.GetProperty("sweep").GetProperty("state").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("recommendation").GetProperty("index").GetInt32());
    }

    [Fact]
    public void Json_rows_carry_the_hash_of_every_artifact_of_every_stage()
    {
        using var json = JsonDocument.Parse(JsonDocuments.Text(Document()));
        var row = json.RootElement.GetProperty("rows")[2];
        Assert.Equal(Id(2).Value, row.GetProperty("variant").GetString());
        Assert.Equal("ptq", row.GetProperty("kind").GetString());
        var stages = row.GetProperty("result").GetProperty("stages");
        Assert.Equal(["train", "export", "measure"], stages.EnumerateArray().Select(stage => stage.GetProperty("kind").GetString()));
        Assert.Equal(new string('a', 64), stages[0].GetProperty("artifacts").GetProperty("weights").GetString());
        Assert.Equal("train", row.GetProperty("result").GetProperty("recipe").GetProperty("stages")[0].GetProperty("stage").GetString());
        Assert.Equal(2.5, row.GetProperty("result").GetProperty("latency").GetProperty("speedUp").GetDouble(), 12);
    }

    [Fact]
    public void Json_of_equal_documents_is_equal_and_takes_not_a_number()
    {
        Assert.Equal(JsonDocuments.Text(Document()), JsonDocuments.Text(Document()));
        Assert.Equal("\"NaN\"", JsonDocuments.Text(double.NaN));
    }

    [Fact]
    public void Csv_has_a_heading_a_line_for_each_trial_and_quotes_where_it_must()
    {
        var text = CsvResults.Text(Document().Rows, Document().Goals, Document().Recommendation);
        var lines = text.Split("\r\n");
        Assert.StartsWith("index,path,kind,variant,parent,seed,state,reused,recommended,goals_met,test_top1,test_images,", lines[0]);
        Assert.Equal(6, lines.Length); // heading, four rows, the empty rest after the last line end
        Assert.StartsWith($"0,dense,dense,{Id(0).Value},,7,finished,false,false,true,0.975,360,0,", lines[1]);
        Assert.StartsWith($"2,dense/sparse/ptq max,ptq,{Id(2).Value},1,7,finished,false,true,true,", lines[3]);
        Assert.StartsWith($"3,\"dense/qat \"\"a, b\"\"\",qat,{Id(3).Value},0,7,failed,false,false,,,", lines[4]);
        Assert.EndsWith(",\"line one\nline two\",,0", lines[4]);
    }

    [Fact]
    public void Both_carry_the_changed_predictions_and_the_interval_of_top_1()
    {
        var cells = CsvResults.Text(ThreeRows(), [], new(null, "")).Split("\r\n").Select(line => line.Split(',')).ToArray();
        string Cell(string name) => cells[2][Array.IndexOf(cells[0], name)];
        Assert.Equal(("4", "1", "2"), (Cell("test_lost"), Cell("test_gained"), Cell("test_otherwise_wrong")));
        Assert.Equal(350 / 360.0 - 0.02, double.Parse(Cell("test_top1_low"), System.Globalization.CultureInfo.InvariantCulture), 12);

        using var json = JsonDocument.Parse(JsonDocuments.Text(Document()));
        var test = json.RootElement.GetProperty("rows")[1].GetProperty("result").GetProperty("test");
        Assert.Equal([4, 1, 2], ((string[])["lost", "gained", "otherwiseWrong"]).Select(name => test.GetProperty(name).GetInt32()));
    }

    [Fact]
    public void Csv_lines_have_as_many_cells_as_the_heading()
    {
        var lines = CsvResults.Text(ThreeRows(), [], new(null, "")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Single(lines.Select(line => System.Text.RegularExpressions.Regex.Replace(line, "\"[^\"]*\"", "").Split(',').Length).Distinct());
    }
}
