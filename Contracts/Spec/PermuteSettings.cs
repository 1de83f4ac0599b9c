using System.Text.Json.Serialization;

namespace SparseGrid.Contracts.Spec;

/// <summary>How channels are reordered before pruning: the parameters of a permute stage.</summary>
/// <param name="Search">none, exhaustive-8, exhaustive-12, channel-swap or progressive-swap; none makes no stage.</param>
/// <param name="Escapes">Random exchanges out of a state that no step improves; the progressive swap does not use it.</param>
/// <param name="Tries">Exchanges that the progressive swap tries; the others use it beyond 2,048 channels, at its default.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.permute-settings")]
public sealed record PermuteSettings(string Search = "none", int Escapes = 100, int Tries = 100_000)
{
    /// <summary>False where channels stay as they are.</summary>
    [JsonIgnore]
    public bool Reorders => Search != "none";
}
