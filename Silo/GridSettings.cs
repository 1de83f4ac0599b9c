using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using SparseGrid.Grains;
using SparseGrid.Grains.Stages;

namespace SparseGrid.Silo;

/// <summary>The settings of a grid that a user may change, by configuration key (<c>Checkpoints:Interval</c>), checked before a silo starts with them.</summary>
public static class GridSettings
{
    private static readonly SortedDictionary<string, PropertyInfo> Known = new(
        new (string Section, Type Options)[] { ("Checkpoints", typeof(CheckpointOptions)), ("Grid", typeof(GridOptions)) }
            .SelectMany(section => section.Options.GetProperties().Select(property => (Key: $"{section.Section}:{property.Name}", Property: property)))
            .ToDictionary(setting => setting.Key, setting => setting.Property),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong with a setting written KEY=VALUE: the value, the rule and the fix; null where nothing is.</summary>
    public static string? FaultOf(string setting)
    {
        var (key, value) = Split(setting);
        if (value is null)
            return $"'{setting}' is no setting: give KEY=VALUE, such as Checkpoints:Interval=00:00:30.";
        if (!Known.TryGetValue(key, out var property))
            return $"'{key}' is no setting; there are {string.Join(", ", Known.Keys)}.";

        return IsIn(property, value) ? null : $"{key} is '{value}': give {RuleOf(property)}.";
    }

    /// <summary>Key and value of a setting written KEY=VALUE; no value where there is no equals sign.</summary>
    public static (string Key, string? Value) Split(string setting) =>
        setting.Split('=', 2) is [var key, var value] ? (key.Trim(), value.Trim()) : (setting, null);

    private static bool IsIn(PropertyInfo property, string text)
    {
        try
        {
            var value = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(text);
            return property.GetCustomAttributes<ValidationAttribute>().All(rule => rule.IsValid(value));
        }
        catch (Exception unreadable) when (unreadable is FormatException or ArgumentException or OverflowException)
        {
            return false;
        }
    }

    private static string RuleOf(PropertyInfo property) => property.GetCustomAttribute<RangeAttribute>() is { } range
        ? string.Create(CultureInfo.InvariantCulture, $"{NameOf(property.PropertyType)} from {range.Minimum} to {range.Maximum}")
        : NameOf(property.PropertyType);

    private static string NameOf(Type type) =>
        type == typeof(TimeSpan) ? "a time as hours:minutes:seconds" : type == typeof(int) ? "a whole number" : type == typeof(bool) ? "true or false" : "a number";
}
