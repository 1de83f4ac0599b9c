using SparseGrid.Contracts.Spec.Reading;

namespace SparseGrid.Contracts.Tests.Spec;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("methd", "method", 1)]
    [InlineData("tpq", "ptq", 1)]
    public void The_distance_counts_insertions_deletions_substitutions_and_swaps(string left, string right, int distance)
    {
        Assert.Equal(distance, Spelling.Distance(left, right));
        Assert.Equal(distance, Spelling.Distance(right, left));
    }

    [Theory]
    [InlineData("learning_rat", "learning_rate")]
    [InlineData("LearningRate", "learning_rate")]
    [InlineData("lr", "learning_rate")]
    [InlineData("wd", "weight_decay")]
    [InlineData("epohcs", "epochs")]
    [InlineData("width", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void The_nearest_word_is_near_or_none(string word, string? nearest) =>
        Assert.Equal(nearest, Spelling.Nearest(word, ["epochs", "learning_rate", "weight_decay", "bn"]));

    [Fact]
    public void A_shown_word_is_one_line()
    {
        Assert.Equal("'a\\u000ab\\u0085c\\u2028'", Spelling.Quoted("a\nb\u0085c\u2028"));
        Assert.Equal(63, Spelling.Quoted(new('x', 5000)).Length);
    }
}
