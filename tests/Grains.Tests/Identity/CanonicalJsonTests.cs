using System.Text.Json;
using SparseGrid.Contracts.Recipes;
using SparseGrid.Grains.Identity;

namespace SparseGrid.Grains.Tests.Identity;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e-4, "0.0001")]
    [InlineData(0.000001, "0.000001")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(1.25e-7, "1.25e-7")]
    [InlineData(99.99, "99.99")]
    [InlineData(120, "120")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(double.MaxValue, "1.7976931348623157e+308")]
    [InlineData(9007199254740994, "9007199254740994")]
    [InlineData(295147905179352830000.0, "295147905179352830000")]
    [InlineData(333333333.33333329, "333333333.3333333")]
    [InlineData(4.35, "4.35")]
    [InlineData(0.002, "0.002")]
    [InlineData(1e-27, "1e-27")]
    [InlineData(-0.0000033333333333333333, "-0.0000033333333333333333")]
    public void Numbers_are_written_as_in_RFC_8785(double value, string expected) => Assert.Equal(expected, CanonicalJson.Number(value));

    [Fact]
    public void Minus_zero_is_zero() => Assert.Equal("[0,0]", CanonicalJson.Text(new[] { -0.0, 0.0 }));

    [Fact]
    public void Random_numbers_read_back_as_they_were()
    {
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(value))
                Assert.Equal(value, JsonSerializer.Deserialize<double>(CanonicalJson.Number(value)));
        }
    }

    [Fact]
    public void A_double_without_a_fraction_is_written_like_a_whole_number() =>
        Assert.Equal("""{"a":3,"b":3,"c":0.5}""", CanonicalJson.Text(new { C = 0.5, B = 3.0, A = 3 }));

    [Fact]
    public void Members_are_sorted_by_utf16_units_at_every_depth() => Assert.Equal(
        "{\"\":0,\"1\":1,\"Z\":2,\"a\":{\"b\":4,\"c\":3},\"é\":5,\"😀\":6,\"\ufb33\":7}",
        CanonicalJson.Text(JsonDocument.Parse("""{ "\ufb33": 7, "😀": 6, "é": 5, "a": { "c": 3, "b": 4 }, "Z": 2, "1": 1, "": 0 }""").RootElement));

    [Fact]
    public void The_order_of_members_changes_nothing()
    {
        var random = new Random(3);
        var members = Enumerable.Range(0, 20).Select(i => $"\"k{i}\": [{i}, {{\"x\": {i}.0, \"y\": \"{i}\"}}]").ToArray();
        var expected = CanonicalJson.Text(JsonDocument.Parse($"{{{string.Join(",", members)}}}").RootElement);
        for (var i = 0; i < 20; i++)
        {
            random.Shuffle(members);
            Assert.Equal(expected, CanonicalJson.Text(JsonDocument.Parse($"{{ {string.Join(" , ", members)} }}").RootElement));
        }
    }

    [Fact]
    public void Texts_escape_only_what_they_must() =>
        Assert.Equal("\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/€<é\u007f\u2028\"", CanonicalJson.Text("\0\b\t\n\f\r\u001f\"\\/€<é\u007f\u2028"));

    [Fact]
    public void Nulls_are_left_out_of_objects_and_kept_in_arrays() =>
        Assert.Equal("""{"b":[1,null]}""", CanonicalJson.Text(new { A = (string?)null, B = new int?[] { 1, null } }));

    [Fact]
    public void Enums_are_words_and_identities_their_digits() =>
        Assert.Equal("""{"id":"ab","kind":"qat"}""", CanonicalJson.Text(new { Kind = VariantKind.Qat, Id = new VariantId("ab") }));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Numbers_that_are_not_finite_are_refused(double value)
    {
        Assert.Throws<ArgumentException>(() => CanonicalJson.Number(value));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Text(new { Value = value }));
    }

    [Fact]
    public void Whole_numbers_that_JSON_cannot_hold_exactly_are_refused()
    {
        Assert.Equal("9007199254740992", CanonicalJson.Text(1L << 53));
        Assert.Contains("9007199254740993", Assert.Throws<ArgumentException>(() => CanonicalJson.Text((1L << 53) + 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_that_stands_twice_is_refused() =>
        Assert.Throws<ArgumentException>(() => CanonicalJson.Text(JsonDocument.Parse("""{"a":1,"a":2}""").RootElement));
}
