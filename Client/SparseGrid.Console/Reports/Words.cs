using System.Globalization;

namespace SparseGrid.Console.Reports;

/// <summary>How figures are written, everywhere the same.</summary>
public static class Words
{
    /// <summary>0:07, 12:30 or 1:02:03.</summary>
    public static string Clock(TimeSpan span) => span.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}:{span.Seconds:00}");

    /// <summary>A share of 0 to 1 as percent with two decimals: 97.22.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A difference of shares in points with its sign: +0.28, −1.11 written as -1.11; an exact 0 has none.</summary>
    public static string Points(double difference) => (100 * difference).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);

    /// <summary>Fixed decimals, invariant.</summary>
    public static string Fixed(double value, int decimals) =>
        value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>A ratio with two decimals, 1.48x; a dash where nothing was measured.</summary>
    public static string Times(double ratio) => double.IsNaN(ratio) ? "–" : Fixed(ratio, 2) + "x";

    /// <summary>Milliseconds with three decimals; a dash where nothing was measured.</summary>
    public static string Milliseconds(double time) => double.IsNaN(time) ? "–" : Fixed(time, 3);

    /// <summary>A p value: three decimals, below 0.001 as such.</summary>
    public static string PValue(double p) => p < 0.001 ? "<0.001" : Fixed(p, 3);

    /// <summary>Any text on one line, single spaces where it was broken.</summary>
    public static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>1 trial, 2 trials.</summary>
    public static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
