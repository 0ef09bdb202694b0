using Middleware.Domain;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <summary>A replay as it is stored: what everyone may know of it, and where its walk is.</summary>
internal sealed record ReplayRow(Replay Replay, ReplayCursor Cursor, long Last);

/// <summary>The rows of replays: read over any connection.</summary>
internal static class ReplayRows
{
    private const string Select =
        """
        SELECT no, id, state, subject, target, rate, source, event_type, priority, correlation_id, endpoint, reason, since, until,
            total, is_lower_bound, last, at, at_endpoint, queued, skipped, created_at, ended_at,
            (SELECT COUNT(*) FROM pending WHERE replay = r.id)
        FROM replays r
        """;

    public static ReplayRow? Find(sqlite3 connection, string id)
    {
        using var statement = new Statement(connection, $"{Select} WHERE id = ?1");
        return All(statement.Bind(1, id)).SingleOrDefault();
    }

    public static List<ReplayRow> Before(sqlite3 connection, long number, int limit)
    {
        using var statement = new Statement(connection, $"{Select} WHERE no < ?1 ORDER BY no DESC LIMIT ?2");
        return All(statement.Bind(1, number).Bind(2, limit));
    }

    public static List<ReplayRow> Running(sqlite3 connection)
    {
        using var statement = new Statement(connection, $"{Select} WHERE state = 0 ORDER BY no");
        return All(statement);
    }

    private static List<ReplayRow> All(Statement statement)
    {
        var rows = new List<ReplayRow>();
        statement.ForEach(row => rows.Add(Read(row)));
        return rows;
    }

    private static ReplayRow Read(sqlite3_stmt row)
    {
        var cursor = new ReplayCursor(sqlite3_column_int64(row, 17), sqlite3_column_int64(row, 18));
        var last = sqlite3_column_int64(row, 16);
        var replay = new Replay
        {
            Number = sqlite3_column_int64(row, 0),
            Id = Text(row, 1)!,
            State = (ReplayState)sqlite3_column_int(row, 2),
            Order = new ReplayOrder
            {
                Of = (ReplaySubject)sqlite3_column_int(row, 3),
                EndpointId = EndpointIdOf(Text(row, 4)),
                RatePerSecond = (int?)Number(row, 5),
                Filter = new ReplayFilter
                {
                    Source = Text(row, 6),
                    EventType = Text(row, 7),
                    Priority = (Priority?)Number(row, 8),
                    CorrelationId = Text(row, 9),
                    EndpointId = EndpointIdOf(Text(row, 10)),
                    Reason = Text(row, 11),
                    Since = Time(row, 12),
                    Until = Time(row, 13),
                },
            },
            Total = new ReplayCount(sqlite3_column_int64(row, 14), sqlite3_column_int(row, 15) != 0),
            IsQueued = cursor.At > last,
            Queued = sqlite3_column_int64(row, 19),
            Skipped = sqlite3_column_int64(row, 20),
            CreatedAt = StoredTime.To(sqlite3_column_int64(row, 21)),
            EndedAt = Time(row, 22),
            Waiting = sqlite3_column_int(row, 23),
        };
        return new ReplayRow(replay, cursor, last);
    }

    private static bool IsNull(sqlite3_stmt row, int column) => sqlite3_column_type(row, column) == SQLITE_NULL;

    private static string? Text(sqlite3_stmt row, int column) => IsNull(row, column) ? null : sqlite3_column_text(row, column).utf8_to_string();

    private static long? Number(sqlite3_stmt row, int column) => IsNull(row, column) ? null : sqlite3_column_int64(row, column);

    private static DateTimeOffset? Time(sqlite3_stmt row, int column) => Number(row, column) is { } time ? StoredTime.To(time) : null;

    private static EndpointId? EndpointIdOf(string? id) => id is null ? null : new EndpointId(id);
}
