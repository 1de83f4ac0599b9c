using System.Text.Json;
using System.Xml.Linq;
using SparseGrid.Contracts.Stages;
using static SparseGrid.Console.Reports.Html.Tags;

namespace SparseGrid.Console.Reports.Html;

/// <summary>The hyperparameters of a recipe, stage by stage, as the recipe itself is written.</summary>
internal static class SettingsTable
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>A row for each stage.</summary>
    public static XElement Of(IEnumerable<Stage> stages) =>
        Table(["stage", "settings"], stages.Select(stage => new TableRow(null, stage.Kind, Settings(stage))));

    private static IEnumerable<XElement> Settings(Stage stage) =>
        Flat("", JsonSerializer.SerializeToElement(stage, Options)).Where(setting => setting.Name != "stage")
            .Select(setting => Tag("span", "setting", setting.Name + " ", new XElement("b", setting.Value)));

    private static IEnumerable<(string Name, string Value)> Flat(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Flat(member.Name, member.Value)),
        JsonValueKind.Null => [],
        _ => [(name, value.ToString())],
    };
}
