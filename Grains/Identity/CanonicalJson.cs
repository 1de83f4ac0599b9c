using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SparseGrid.Grains.Identity;

/// <summary>
/// One JSON text for one value: members sorted by name, no white space, shortest numbers that read back as the same double. Members that are null
/// are left out, so that a later optional member changes no identity of today. Names are snake_case, enums words.
/// </summary>
/// <remarks>
/// RFC 8785, "JSON Canonicalization Scheme". Whole numbers beyond 2⁵³, which it leaves to others, are refused; half of a surrogate pair in a text is read as
/// U+FFFD.
/// </remarks>
public static class CanonicalJson
{
    private const long LargestExact = 1L << 53;

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (char)code), '"', '\\']);

    private static readonly Comparison<(string Name, string? Json)> ByName = (left, right) => string.CompareOrdinal(left.Name, right.Name);

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new VariantIdJson() },
    };

    /// <summary>The value's canonical JSON in UTF-8.</summary>
    /// <exception cref="ArgumentException">A number is NaN, infinite or a whole number beyond 2⁵³, or a member stands twice.</exception>
    public static byte[] Bytes<T>(T value) => Encoding.UTF8.GetBytes(Text(value));

    /// <summary>The value's canonical JSON.</summary>
    /// <exception cref="ArgumentException">As <see cref="Bytes"/>.</exception>
    public static string Text<T>(T value)
    {
        var text = new StringBuilder();
        Write(JsonSerializer.SerializeToElement(value, Options), text);
        return text.ToString();
    }

    /// <summary>The text's canonical JSON.</summary>
    public static string Text(string value)
    {
        if (value.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0)
            return Text<string>(value);

        var text = new StringBuilder(value.Length + 2);
        Quote(value, text);
        return text.ToString();
    }

    /// <summary>
    /// The value's canonical JSON, kept for as long as the object lives: settings of a plan are shared by thousands of its trials. Only for what never changes.
    /// </summary>
    public static string Remembered<T>(T value)
        where T : class => Memory<T>.Texts.GetValue(value, Text);

    /// <summary>The canonical JSON of an object with these members, each given by its own; a member without text is left out.</summary>
    public static string Object(params ReadOnlySpan<(string Name, string? Json)> members)
    {
        var sorted = members.ToArray();
        Array.Sort(sorted, ByName);
        var text = new StringBuilder("{", 256);
        foreach (var (name, json) in sorted)
        {
            if (json is null)
                continue;
            if (text.Length > 1)
                text.Append(',');
            Quote(name, text);
            text.Append(':').Append(json);
        }

        return text.Append('}').ToString();
    }

    /// <summary>A number as ECMAScript writes it: 0.0001 and 1e-7, 1e+21 and 100000000000000000000.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentException($"{value} has no JSON; a number is finite.", nameof(value));
        if (value == 0)
            return "0";

        // "E16" would not be shortest: "R" gives the shortest digits, in one of two layouts.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mantissa = shortest.Split('E')[0];
        var exponent = shortest.Contains('E', StringComparison.Ordinal) ? int.Parse(shortest.Split('E')[1], CultureInfo.InvariantCulture) : 0;
        var point = mantissa.IndexOf('.', StringComparison.Ordinal) is >= 0 and var at ? at : mantissa.Length;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        var n = point + exponent - leading;                   // value = 0.d₁d₂… · 10ⁿ
        digits = digits.Trim('0');

        var sign = value < 0 ? "-" : "";
        return sign + (n switch
        {
            > 21 or <= -6 => $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(n > 0 ? "+" : "-")}{Math.Abs(n - 1)}",
            <= 0 => "0." + new string('0', -n) + digits,
            _ when n >= digits.Length => digits.PadRight(n, '0'),
            _ => $"{digits[..n]}.{digits[n..]}",
        });
    }

    private static void Write(JsonElement element, StringBuilder text)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                // The name of a member is made anew each time that it is asked for.
                var members = element.EnumerateObject().Select(member => (member.Name, member.Value)).ToArray();
                Array.Sort(members, (left, right) => string.CompareOrdinal(left.Name, right.Name));
                Join(members, '{', '}', text, member =>
                {
                    Quote(member.Name, text);
                    text.Append(':');
                    Write(member.Value, text);
                });
                for (var i = 1; i < members.Length; i++)
                {
                    if (members[i].Name == members[i - 1].Name)
                        throw new ArgumentException($"Member '{members[i].Name}' stands twice; names differ.");
                }

                break;
            case JsonValueKind.Array:
                Join(element.EnumerateArray(), '[', ']', text, item => Write(item, text));
                break;
            case JsonValueKind.String:
                Quote(element.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(element.TryGetInt64(out var whole) ? Exact(whole) : Number(element.GetDouble()));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                text.Append(element.ValueKind == JsonValueKind.True ? "true" : "false");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static string Exact(long whole) =>
        whole is >= -LargestExact and <= LargestExact
            ? whole.ToString(CultureInfo.InvariantCulture)
            : throw new ArgumentException($"{whole} is beyond 2^53, where JSON numbers are no longer exact; write it as a text.");

    private static void Join<T>(IEnumerable<T> items, char open, char close, StringBuilder text, Action<T> write)
    {
        text.Append(open);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                text.Append(',');
            first = false;
            write(item);
        }

        text.Append(close);
    }

    private static void Quote(string value, StringBuilder text)
    {
        text.Append('"');
        if (value.AsSpan().IndexOfAny(Escaped) < 0)
        {
            text.Append(value).Append('"');
            return;
        }

        foreach (var character in value)
        {
            text.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                < ' ' => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            });
        }

        text.Append('"');
    }

    private static class Memory<T>
        where T : class
    {
        public static ConditionalWeakTable<T, string> Texts { get; } = [];
    }
}
