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
        var normalize = Normalize();
        if (problems.Any)
            return null;

        var test = values.Stands("data.test") ? values.One<double>("data.test") : format.TestImages == false ? DataSettings.UsualTest : 0;
        return new(format.Name, path, values.One<double>("data.validation"), test, values.One<int>("data.split_seed"), Layout(), normalize);
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

        return SpecPath.Resolve("data.path", path, values, problems, baseFolder);
    }

    // One number for each channel, or one for all; how many channels there are is known when the data are read.
    private NormalizeSettings? Normalize()
    {
        if (values.Maybe<string>("data.normalize.mean") is not { } mean || values.Maybe<string>("data.normalize.std") is not { } std)
            return null;

        var (means, stds) = (mean.Split(',').Length, std.Split(',').Length);
        if (means != stds && means > 1 && stds > 1)
        {
            problems.Add(
                values.LineOf("data.normalize"), "data.normalize", $"mean has {means} numbers and std {stds}; both have one for each channel, or one for all.");
        }

        return new(mean, std);
    }

    private DataLayout? Layout()
    {
        var layout = new DataLayout(
            values.Maybe<string>("data.shape"), values.Maybe<int?>("data.classes"), values.Maybe<int?>("data.pixel_max"), values.Maybe<string>("data.label"));
        return layout == new DataLayout() ? null : layout;
    }
}
