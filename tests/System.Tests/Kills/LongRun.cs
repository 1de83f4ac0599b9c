namespace SparseGrid.System.Tests.Kills;

/// <summary>Whether the tests may take their time: <c>tests/run.sh --long</c>.</summary>
internal static class LongRun
{
    public static bool Asked { get; } = Environment.GetEnvironmentVariable("SPARSEGRID_LONG") == "1";
}
