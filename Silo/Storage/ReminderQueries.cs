namespace SparseGrid.Silo.Storage;

/// <summary>The statements of reminders, by the keys that Orleans asks for. Parameter names are the provider's.</summary>
internal static class ReminderQueries
{
    private const string One = "ServiceId = @ServiceId AND GrainId = @GrainId AND Name = @ReminderName";

    private const string Row = "SELECT GrainId, Name AS ReminderName, StartTime, Period, Version FROM Reminder";

    public static (string Key, string Text)[] All { get; } =
    [
        ("UpsertReminderRowKey", """
            INSERT INTO Reminder (ServiceId, GrainId, Name, StartTime, Period, GrainHash, Version)
            VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
            ON CONFLICT (ServiceId, GrainId, Name) DO UPDATE
            SET StartTime = excluded.StartTime, Period = excluded.Period, GrainHash = excluded.GrainHash, Version = Reminder.Version + 1
            RETURNING Version;
            """),
        ("ReadReminderRowKey", $"{Row} WHERE {One};"),
        ("ReadReminderRowsKey", $"{Row} WHERE ServiceId = @ServiceId AND GrainId = @GrainId;"),
        ("ReadRangeRows1Key", $"{Row} WHERE ServiceId = @ServiceId AND GrainHash > @BeginHash AND GrainHash <= @EndHash;"),
        ("ReadRangeRows2Key", $"{Row} WHERE ServiceId = @ServiceId AND (GrainHash > @BeginHash OR GrainHash <= @EndHash);"),
        ("DeleteReminderRowKey", $"""
            DELETE FROM Reminder WHERE {One} AND Version = @Version;
            SELECT changes();
            """),
        ("DeleteReminderRowsKey", "DELETE FROM Reminder WHERE ServiceId = @ServiceId;"),
    ];
}
