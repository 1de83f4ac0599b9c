namespace SparseGrid.Silo.Storage;

/// <summary>
/// Tables and statements of clustering, by the keys that Orleans asks for; parameter names are the provider's. Each change of the table checks and raises
/// its version in the same statement, by way of a trigger: no transaction can be left open on a pooled connection.
/// </summary>
internal static class MembershipSchema
{
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS MembershipVersion (
            DeploymentId TEXT NOT NULL PRIMARY KEY,
            Version INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS Membership (
            DeploymentId TEXT NOT NULL,
            Address TEXT NOT NULL,
            Port INTEGER NOT NULL,
            Generation INTEGER NOT NULL,
            SiloName TEXT NOT NULL,
            HostName TEXT NOT NULL,
            Status INTEGER NOT NULL,
            ProxyPort INTEGER,
            SuspectTimes TEXT,
            StartTime TEXT NOT NULL,
            IAmAliveTime TEXT NOT NULL,
            PRIMARY KEY (DeploymentId, Address, Port, Generation)) WITHOUT ROWID;

        CREATE TRIGGER IF NOT EXISTS MembershipJoined AFTER INSERT ON Membership BEGIN
            UPDATE MembershipVersion SET Version = Version + 1 WHERE DeploymentId = new.DeploymentId;
        END;

        CREATE TRIGGER IF NOT EXISTS MembershipChanged AFTER UPDATE OF Status, SuspectTimes ON Membership BEGIN
            UPDATE MembershipVersion SET Version = Version + 1 WHERE DeploymentId = new.DeploymentId;
        END;
        """;

    private const string Silo = "DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation";

    private const string AtVersion = "EXISTS (SELECT 1 FROM MembershipVersion WHERE DeploymentId = @DeploymentId AND Version = @Version)";

    // The version comes back even where there is no silo.
    private const string Rows = """
        SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.StartTime, m.IAmAliveTime, v.Version
        FROM MembershipVersion v LEFT JOIN Membership m ON m.DeploymentId = v.DeploymentId
        """;

    public static (string Key, string Text)[] Queries { get; } =
    [
        ("InsertMembershipVersionKey", """
            INSERT INTO MembershipVersion (DeploymentId, Version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING;
            SELECT changes();
            """),
        ("InsertMembershipKey", $"""
            INSERT INTO Membership (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
            SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
            WHERE {AtVersion} ON CONFLICT DO NOTHING;
            SELECT changes();
            """),
        ("UpdateMembershipKey", $"""
            UPDATE Membership SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime WHERE {Silo} AND {AtVersion};
            SELECT changes();
            """),
        ("UpdateIAmAlivetimeKey", $"UPDATE Membership SET IAmAliveTime = @IAmAliveTime WHERE {Silo};"),
        ("MembershipReadRowKey", $"{Rows} AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation WHERE v.DeploymentId = @DeploymentId;"),
        ("MembershipReadAllKey", $"{Rows} WHERE v.DeploymentId = @DeploymentId;"),
        ("GatewaysQueryKey", """
            SELECT Address, ProxyPort, Generation FROM Membership
            WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0;
            """),
        ("DeleteMembershipTableEntriesKey", """
            DELETE FROM Membership WHERE DeploymentId = @DeploymentId;
            DELETE FROM MembershipVersion WHERE DeploymentId = @DeploymentId;
            """),
        // 3 is Active: a silo that is alive is never cleaned away.
        ("CleanupDefunctSiloEntriesKey", "DELETE FROM Membership WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3;"),
    ];
}
