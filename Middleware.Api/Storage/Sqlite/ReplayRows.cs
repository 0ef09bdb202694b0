using Middleware.Events;
using Middleware.Replays;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>A replay as it is stored: its public part, and the place of its walk.</summary>
internal sealed record ReplayRow(BulkReplay Replay, ReplayCursor Cursor, long Last);

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
        var cursor = new ReplayCursor(Column.Number(row, 17), Column.Number(row, 18));
        var last = Column.Number(row, 16);
        var replay = new BulkReplay
        {
            Number = Column.Number(row, 0),
            Id = Column.Text(row, 1),
            State = (ReplayState)Column.Count(row, 2),
            Order = new ReplayOrder
            {
                Of = (ReplaySubject)Column.Count(row, 3),
                EndpointId = EndpointIdOf(Column.TextOrNull(row, 4)),
                RatePerSecond = (int?)NumberOrNull(row, 5),
                Filter = new ReplaySelection
                {
                    Source = Column.TextOrNull(row, 6),
                    EventType = Column.TextOrNull(row, 7),
                    Priority = (Priority?)NumberOrNull(row, 8),
                    CorrelationId = Column.TextOrNull(row, 9),
                    EndpointId = EndpointIdOf(Column.TextOrNull(row, 10)),
                    Reason = Column.TextOrNull(row, 11),
                    Since = Column.TimeOrNull(row, 12),
                    Until = Column.TimeOrNull(row, 13),
                },
            },
            Total = new ReplayCount(Column.Number(row, 14), Column.Count(row, 15) != 0),
            IsQueued = cursor.At > last,
            Queued = Column.Number(row, 19),
            Skipped = Column.Number(row, 20),
            CreatedAt = Column.Time(row, 21),
            EndedAt = Column.TimeOrNull(row, 22),
            Waiting = Column.Count(row, 23),
        };
        return new ReplayRow(replay, cursor, last);
    }

    private static long? NumberOrNull(sqlite3_stmt row, int column) => Column.IsNull(row, column) ? null : Column.Number(row, column);

    private static EndpointId? EndpointIdOf(string? id) => id is null ? null : new EndpointId(id);
}
