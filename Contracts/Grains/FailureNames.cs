using System.Collections.Immutable;

namespace SparseGrid.Contracts.Grains;

/// <summary>How classes of failures are written.</summary>
public static class FailureNames
{
    /// <summary>Every name, as options take them: bad-input, code, device …</summary>
    public static ImmutableArray<string> All { get; } = [.. Enum.GetValues<FailureClass>().Select(Name).Order(StringComparer.Ordinal)];

    /// <summary>The name that options take: out-of-memory.</summary>
    public static string Name(this FailureClass failure) => failure switch
    {
        FailureClass.Code => "code",
        FailureClass.OutOfMemory => "out-of-memory",
        FailureClass.NotFinite => "not-finite",
        FailureClass.Device => "device",
        FailureClass.Timeout => "timeout",
        FailureClass.Preempted => "preempted",
        FailureClass.Storage => "storage",
        FailureClass.BadInput => "bad-input",
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "This is no class of failures that this version knows."),
    };

    /// <summary>The class in words, for a sentence: out of memory.</summary>
    public static string Words(this FailureClass failure) => failure switch
    {
        FailureClass.Code => "an error of the program",
        FailureClass.NotFinite => "NaN or infinite values",
        FailureClass.Device => "a device error",
        _ => failure.Name().Replace('-', ' '),
    };

    /// <summary>The class of that name; null where there is none.</summary>
    public static FailureClass? Of(string name) =>
        Enum.GetValues<FailureClass>().Where(failure => failure.Name() == name).Select(failure => (FailureClass?)failure).FirstOrDefault();
}
