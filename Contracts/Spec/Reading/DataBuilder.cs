namespace SparseGrid.Contracts.Spec.Reading;

/// <summary>Makes the data settings of their values, and checks the rules between the keys of <c>data</c>.</summary>
internal sealed class DataBuilder(SpecValues values, SpecProblems problems, string baseFolder)
{
    /// <summary>The settings; null where the values are not complete or a rule is broken.</summary>
    public DataSettings? Build()
    {
        if (values.Maybe<string>("data.format") is not { } name)
            return null;

        var format = DataFormatRule.Of(name);
        CheckKeys(format);
        var path = Path(format);
        if (problems.Any)
            return null;

        var test = values.Stands("data.test") ? values.One<double>("data.test") : format.TestImages == false ? DataSettings.UsualTest : 0;
        return new(format.Name, path, values.One<double>("data.validation"), test, values.One<int>("data.split_seed"), Layout());
    }

    private void CheckKeys(DataFormatRule format)
    {
        if (format.TestImages == true && values.Stands("data.test"))
        {
            problems.Add(
                values.LineOf("data.test"), "data.test",
                $"{format.Name} brings test images of its own, and all of them make the final table; leave data.test out.");
        }

        foreach (var key in DataFormatRule.LayoutKeys.Where(key => values.Stands($"data.{key}") && !format.Takes.Contains(key)))
        {
            var takers = DataFormatRule.All.Where(rule => rule.Takes.Contains(key)).Select(rule => rule.Name);
            problems.Add(
                values.LineOf($"data.{key}"), $"data.{key}", $"is for {string.Join(" and ", takers)}; files of {format.Name} say it themselves. Leave it out.");
        }

        if (format.Name == "csv" && !values.Stands("data.shape"))
            problems.Add(values.LineOf("data.shape"), "data.shape", $"is missing; lines of csv do not say it. It takes {SpecVocabulary.ImageShapes.Rule}.");
    }

    private string? Path(DataFormatRule format)
    {
        if (values.Maybe<string>("data.path") is not { } path)
        {
            if (!format.Named && !values.Stands("data.path"))
                problems.Add(values.LineOf("data.path"), "data.path", $"is missing; it takes {SpecVocabulary.DataPaths.Rule}.");
            return null;
        }

        try
        {
            return System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetFullPath(baseFolder), path));
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or NotSupportedException)
        {
            problems.Add(values.LineOf("data.path"), "data.path", $"is no path: {Spelling.Line(fault.Message)}");
            return null;
        }
    }

    private DataLayout? Layout()
    {
        var layout = new DataLayout(
            values.Maybe<string>("data.shape"), values.Maybe<int?>("data.classes"), values.Maybe<int?>("data.pixel_max"), values.Maybe<string>("data.label"));
        return layout == new DataLayout() ? null : layout;
    }
}
