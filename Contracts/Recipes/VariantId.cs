namespace SparseGrid.Contracts.Recipes;

/// <summary>Identity of a variant: 64 lower-case hex digits, the SHA-256 of its recipe. Also its grain's key.</summary>
[GenerateSerializer, Immutable, Alias("sparsegrid.variant-id")]
public readonly record struct VariantId([property: Id(0)] string Value) : IComparable<VariantId>
{
    /// <summary>The first eight digits, for people; any command takes them where they are unambiguous.</summary>
    public string Short => Value[..8];

    /// <inheritdoc/>
    public int CompareTo(VariantId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Ordinal order.</summary>
    public static bool operator <(VariantId left, VariantId right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(VariantId left, VariantId right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(VariantId left, VariantId right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(VariantId left, VariantId right) => left.CompareTo(right) >= 0;
}
