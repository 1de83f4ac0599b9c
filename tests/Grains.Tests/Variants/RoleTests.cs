using SparseGrid.Grains.Placement;

namespace SparseGrid.Grains.Tests.Variants;

public sealed class RoleTests
{
    [Theory]
    [InlineData("both", true, true)]
    [InlineData("control", true, false)]
    [InlineData("compute", false, true)]
    [InlineData(null, true, true)]
    public void A_silo_takes_the_grains_of_its_role(string? role, bool control, bool compute) =>
        Assert.Equal((control, compute), (SiloRole.Takes(role, SiloRole.Control), SiloRole.Takes(role, SiloRole.Compute)));
}
