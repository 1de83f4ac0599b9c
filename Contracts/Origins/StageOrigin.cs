using System.Collections.Immutable;
using SparseGrid.Contracts.Results;

namespace SparseGrid.Contracts.Origins;

/// <summary>One stage that a variant comes from: what its key is made of, and its record.</summary>
/// <param name="Path">Path of the trial whose stage it is.</param>
/// <param name="Kind">The stage's name.</param>
/// <param name="Key">Its stage key; null while an input is not made yet.</param>
/// <param name="Enters">What enters the key beside the inputs, as canonical JSON: stage, data, format, model, numerics, seed, environment.</param>
/// <param name="Inputs">The artifacts that it takes, by role.</param>
/// <param name="Record">What was committed; null before.</param>
/// <param name="Lost">Roles of its artifacts that are missing in the store.</param>
[GenerateSerializer, Immutable, Alias("sparsegrid.stage-origin")]
public sealed record StageOrigin(
    string Path, string Kind, string? Key, string Enters, ImmutableArray<InputOrigin> Inputs, StageRecord? Record, ImmutableArray<string> Lost);
