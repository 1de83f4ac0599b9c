using SparseGrid.Grains.Results;

namespace SparseGrid.Grains.Tests.Results;

public sealed class RecentTests
{
    [Fact]
    public void Keeps_as_many_as_it_may_and_lets_the_oldest_go()
    {
        var recent = new Recent<string>(2);
        recent.Keep("a", "1");
        recent.Keep("b", "2");
        recent.Keep("c", "3");

        Assert.Null(recent.Find("a"));
        Assert.Equal(("2", "3"), (recent.Find("b"), recent.Find("c")));
    }

    [Fact]
    public void Keeps_the_first_value_of_a_key_until_that_is_forgotten()
    {
        var recent = new Recent<string>(2);
        recent.Keep("a", "1");
        recent.Keep("a", "2");
        Assert.Equal("1", recent.Find("a"));

        recent.Forget("a");
        Assert.Null(recent.Find("a"));
        recent.Keep("a", "2");
        Assert.Equal("2", recent.Find("a"));
    }
}
