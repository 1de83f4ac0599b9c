namespace SparseGrid.Grains.States;

/// <summary>A record that outlives its grain, and the form in which this program writes it. Raised when an older program could not read what this one writes.</summary>
/// <param name="record">What users call it: stage, sweep.</param>
/// <param name="version">From 1 on; what was written before forms had numbers is of version 0, and is form 1.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StateSchemaAttribute(string record, int version) : Attribute
{
    /// <summary>What users call it.</summary>
    public string Record => record;

    /// <summary>The form that this program writes, and the newest that it reads.</summary>
    public int Version => version;
}
