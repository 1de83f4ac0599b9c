using System.CommandLine;
using System.Globalization;

namespace SparseGrid.Console.Commands;

/// <summary>Options that take a whole number of a range.</summary>
internal static class OptionRange
{
    /// <summary>Refuses anything else, with the value and the range.</summary>
    public static void AddTo(Option option, int from, int to) => option.Validators.Add(given =>
    {
        if (given.Tokens is [var token] && (!int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) || count < from || count > to))
            given.AddError($"{option.Name} is {token.Value}: give a whole number from {from} to {to}.");
    });

    /// <summary>An option that takes such a number.</summary>
    public static Option<int> Number(string name, string description, int from, int to, int usual)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
        AddTo(option, from, to);
        return option;
    }
}
