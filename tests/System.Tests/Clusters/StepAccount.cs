using System.Globalization;
using System.Text.RegularExpressions;

namespace SparseGrid.System.Tests.Clusters;

/// <summary>What silos log of trainings that stop and go on: where each stopped, in epochs that its progress told, and from which step of its checkpoint it went on.</summary>
/// <param name="StepsPerEpoch">Of every training in the sweep.</param>
internal sealed partial record StepAccount(int StepsPerEpoch)
{
    /// <summary>How many stages stopped after some step, and how many went on.</summary>
    public (int Stopped, int Resumed) Count { get; private set; }

    /// <summary>Steps that were lost or made twice, in words: a stage that stopped at one step and went on from another, or stopped and was begun anew.</summary>
    public IReadOnlyList<string> Faults(IEnumerable<(string Silo, string Line)> log)
    {
        var (at, faults) = (new Dictionary<string, long>(), new List<string>());
        var (stopped, resumed) = (0, 0);
        foreach (var (silo, line) in log)
        {
            if (Stop().Match(line) is { Success: true } stop)
            {
                // 0 of 0: it was stopped before it made a step here, and stands where it stood.
                var done = double.Parse(stop.Groups["done"].Value, CultureInfo.InvariantCulture);
                if (done == 0)
                    continue;

                at[stop.Groups["key"].Value] = (long)Math.Round(stop.Groups["unit"].Value == "epochs" ? done * StepsPerEpoch : done);
                stopped++;
            }
            else if (GoOn().Match(line) is { Success: true } goOn)
            {
                var (key, step) = (goOn.Groups["key"].Value, long.Parse(goOn.Groups["step"].Value, CultureInfo.InvariantCulture));
                resumed++;
                if (step != at.GetValueOrDefault(key))
                    faults.Add($"{silo}: {key} stopped at step {at.GetValueOrDefault(key)} and went on from {step}");
                at[key] = step;
            }
            else if (End().Match(line) is { Success: true } end && at.ContainsKey(end.Groups["key"].Value))
            {
                faults.Add($"{silo}: {end.Groups["key"].Value} stopped and was begun anew");
            }
        }

        Count = (stopped, resumed);
        return faults;
    }

    [GeneratedRegex(@"SlotRun: Variant \w+ stopped (?:train|finetune|collect) (?<key>\w{64}) at (?<done>[0-9.]+) of [0-9.]+ (?<unit>\w*)")]
    private static partial Regex Stop();

    [GeneratedRegex(@"Stage \w+ (?<key>\w{64}) goes on from step (?<step>[0-9]+)")]
    private static partial Regex GoOn();

    [GeneratedRegex(@"Stage \w+ (?<key>\w{64}) starts over")]
    private static partial Regex End();
}
