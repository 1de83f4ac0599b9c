namespace SparseGrid.Silo.Storage;

/// <summary>The statements of grain storage: our own provider's, and by the keys that Orleans' asks for. Parameter names are the provider's.</summary>
internal static class StateQueries
{
    private const string State =
        "ServiceId = @ServiceId AND GrainType = @GrainTypeString AND KeyN0 = @GrainIdN0 AND KeyN1 = @GrainIdN1 AND KeyText = coalesce(@GrainIdExtensionString, '')";

    // No version means that there must be no row; a version, that the row has it. Neither holds: no row comes back, which is a conflict.
    public const string Write = $"""
        INSERT INTO GrainState (ServiceId, GrainType, KeyN0, KeyN1, KeyText, Payload, Version)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1
        WHERE @GrainStateVersion IS NULL OR EXISTS (SELECT 1 FROM GrainState WHERE {State} AND Version = @GrainStateVersion)
        ON CONFLICT (ServiceId, GrainType, KeyN0, KeyN1, KeyText) DO UPDATE
        SET Payload = excluded.Payload, Version = GrainState.Version + 1
        WHERE GrainState.Version = @GrainStateVersion
        RETURNING Version AS NewGrainStateVersion;
        """;

    public const string Read = $"SELECT Payload AS PayloadBinary, Version FROM GrainState WHERE {State};";

    public const string Clear = $"""
        UPDATE GrainState SET Payload = NULL, Version = Version + 1
        WHERE {State} AND Version = @GrainStateVersion
        RETURNING Version AS NewGrainStateVersion;
        """;

    private const string Delete = $"""
        DELETE FROM GrainState WHERE {State} AND Version = @GrainStateVersion
        RETURNING Version + 1 AS NewGrainStateVersion;
        """;

    public static (string Key, string Text)[] All { get; } =
    [
        ("WriteToStorageKey", Write),
        ("ReadFromStorageKey", Read),
        ("ClearStorageKey", Clear),
        ("DeleteStorageKey", Delete),
    ];
}
