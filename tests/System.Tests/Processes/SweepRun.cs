using System.Collections.Immutable;
using System.Text.Json;

namespace SparseGrid.System.Tests.Processes;

/// <summary>The JSON document of one run, as the tests read it.</summary>
internal sealed record SweepRun(JsonElement Document)
{
    public ImmutableArray<JsonElement> Rows => [.. Document.GetProperty("rows").EnumerateArray()];

    /// <summary>The result of each row.</summary>
    public ImmutableArray<JsonElement> Results => [.. Rows.Select(row => row.GetProperty("result"))];

    /// <summary>Every artifact: "path · stage · role hash", in order.</summary>
    public ImmutableArray<string> Artifacts =>
    [
        .. from row in Rows
           from stage in row.GetProperty("result").GetProperty("stages").EnumerateArray()
           from artifact in stage.GetProperty("artifacts").EnumerateObject()
           select $"{row.GetProperty("path").GetString()} · {stage.GetProperty("kind").GetString()} · {artifact.Name} {artifact.Value.GetString()}",
    ];

    /// <summary>Hash of the exported file of each row.</summary>
    public ImmutableArray<string> ExportedFiles => [.. Artifacts.Where(artifact => artifact.Contains(" · export · onnx ")).Select(artifact => artifact[^64..])];

    /// <summary>How many stages of a kind were executed.</summary>
    public int Executed(string kind) => Count("stagesExecuted", kind);

    /// <summary>How many stages of all kinds were executed.</summary>
    public int ExecutedInAll => Document.GetProperty("sweep").GetProperty("stagesExecuted").EnumerateObject().Sum(stage => stage.Value.GetInt32());

    private int Count(string of, string kind) => Document.GetProperty("sweep").GetProperty(of).TryGetProperty(kind, out var count) ? count.GetInt32() : 0;
}
