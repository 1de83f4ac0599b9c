using System.Globalization;

namespace SparseGrid.System.Target;

/// <summary>Where this process is to die: <c>step:train:1.25</c>, a moment, a kind of stage, and for steps how far it is.</summary>
/// <param name="Moment">
/// step: first progress at or past <paramref name="Done"/>. saving, saved: in the middle of writing a checkpoint, and right after. putting, put: the same with an artifact.
/// committed: after the stage's record, before its checkpoints are deleted. Of saving, saved, putting and put the <paramref name="Done"/>-th of the stage.
/// </param>
/// <param name="Kind">Kind of stage; a quantization-aware finetune is qat.</param>
internal sealed record KillPoint(string Moment, string Kind, double Done)
{
    /// <summary>The point that the environment names; null for none.</summary>
    public static KillPoint? OfEnvironment()
    {
        if (Environment.GetEnvironmentVariable("SPARSEGRID_KILL") is not { Length: > 0 } text)
            return null;

        var parts = text.Split(':');
        return new(parts[0], parts[1], double.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
