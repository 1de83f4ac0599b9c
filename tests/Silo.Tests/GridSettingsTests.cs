namespace SparseGrid.Silo.Tests;

public sealed class GridSettingsTests
{
    [Theory]
    [InlineData("Checkpoints:Steps=1")]
    [InlineData("Checkpoints:Interval=00:00:00.100")]
    [InlineData(" checkpoints:costshare = 0.5 ")]
    [InlineData("Grid:ReportPeriod=00:00:01")]
    [InlineData("Grid:ResumeUnasked=false")]
    public void A_value_within_its_range_has_no_fault(string setting) => Assert.Null(GridSettings.FaultOf(setting));

    [Theory]
    [InlineData("Checkpoints:Steps", "'Checkpoints:Steps' is no setting: give KEY=VALUE, such as Checkpoints:Interval=00:00:30.")]
    [InlineData("Checkpoints:Steps=0", "Checkpoints:Steps is '0': give a whole number from 1 to 1000000.")]
    [InlineData("Checkpoints:Steps=many", "Checkpoints:Steps is 'many': give a whole number from 1 to 1000000.")]
    [InlineData("Checkpoints:Steps=99999999999", "Checkpoints:Steps is '99999999999': give a whole number from 1 to 1000000.")]
    [InlineData("Checkpoints:Interval=30", "Checkpoints:Interval is '30': give a time as hours:minutes:seconds from 00:00:00.100 to 01:00:00.")]
    [InlineData("Checkpoints:Interval=30s", "Checkpoints:Interval is '30s': give a time as hours:minutes:seconds from 00:00:00.100 to 01:00:00.")]
    [InlineData("Checkpoints:CostShare=NaN", "Checkpoints:CostShare is 'NaN': give a number from 0.001 to 1.")]
    [InlineData("Grid:ResumeUnasked=", "Grid:ResumeUnasked is '': give true or false.")]
    public void A_fault_names_the_value_and_the_rule(string setting, string fault) => Assert.Equal(fault, GridSettings.FaultOf(setting));

    [Fact]
    public void An_unknown_key_is_answered_with_those_that_there_are()
    {
        Assert.StartsWith("'Checkpoint:Steps' is no setting; there are Checkpoints:CostShare, Checkpoints:Interval, Checkpoints:Steps, Grid:", GridSettings.FaultOf("Checkpoint:Steps=1"));
        Assert.NotNull(GridSettings.FaultOf("Folder:Root=/elsewhere"));
    }
}
