using Middleware.Retention;

namespace Middleware.Storage.Sql;

/// <summary>
/// Purges the store's file. Candidates are looked for over a connection for reads, a bounded number of rows at a time. The writer deletes a batch in
/// each of its transactions, and the file's pages are used again.
/// </summary>
internal sealed class SqlRetention(SqlEventStore store) : IRetentionStore, IDisposable
{
    /// <summary>The most rows that are looked at in one go.</summary>
    private const int Stride = 1_000;

    private readonly ReadConnection _reads = new(store.OpenReader);

    public async Task<PurgeStep> PurgeEventsAsync(long cursor, DateTimeOffset before)
    {
        var walked = Walk(
            $"""
            SELECT e.seq, e.seq, e.accepted_at < ?2, CASE WHEN e.accepted_at < ?2 THEN {Resolved.Condition} END, e.endpoints
            FROM events e WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?3
            """,
            cursor,
            before);
        var purged = 0;
        foreach (var batch in InBatches(walked.Rows.FindAll(row => !walked.Live.Contains(row.Event))))
        {
            purged += await store.ChangeAsync(transaction => Purge.Events(transaction, batch.Select(static row => row.Event)));
        }

        // An event that is not old enough is looked at again by the next pass.
        return new PurgeStep(purged, 0, walked.LastOld, IsLast: walked.LastOld == cursor || walked.Count < Stride);
    }

    public async Task<PurgeStep> PurgeDeadLettersAsync(long cursor, DateTimeOffset before, DateTimeOffset eventsBefore)
    {
        var walked = Walk(
            $"""
            SELECT d.no, d.event, d.dead_at < ?2, CASE WHEN d.dead_at < ?2 THEN {Resolved.NoMoreTries} END,
                (SELECT endpoints FROM events WHERE seq = d.event)
            FROM dead_letters d WHERE d.no > ?1 ORDER BY d.no LIMIT ?3
            """,
            cursor,
            before);
        var (deadLetters, events) = (0, 0);
        foreach (var batch in InBatches(walked.Rows))
        {
            var purged = await store.ChangeAsync(transaction => Purge.DeadLetters(transaction, batch, walked.Live, before, eventsBefore));
            (deadLetters, events) = (deadLetters + purged.DeadLetters, events + purged.Events);
        }

        // A dead letter keeps its place when it fails again: an old place says nothing of the next ones, so all are looked at.
        return new PurgeStep(events, deadLetters, walked.End, IsLast: walked.Count < Stride);
    }

    public async Task<bool> PurgeExpiredAsync(DateTimeOffset now, DateTimeOffset replaysBefore)
    {
        var isAny = _reads.Read(connection =>
        {
            using var find = connection.Prepare(
            """
                SELECT EXISTS (SELECT 1 FROM idempotency WHERE expires_at <= ?1)
                    OR EXISTS (SELECT 1 FROM replays WHERE state <> 0 AND ended_at < ?2)
                    OR EXISTS (SELECT 1 FROM stats WHERE minute < ?3)
                """);
            return find.Bind(1, StoredTime.From(now)).Bind(2, StoredTime.From(replaysBefore)).Bind(3, StoredTime.From(now - SqlStats.Kept)).Scalar() == 1;
        });
        return isAny && await store.ChangeAsync(transaction => Purge.Expired(transaction, now, replaysBefore)) == Purge.AtOnce;
    }

    public void Dispose() => _reads.Dispose();

    private Walked Walk(string sql, long cursor, DateTimeOffset before) => _reads.Read(connection =>
    {
        var walked = new Walked { End = cursor, LastOld = cursor };
        using var find = connection.Prepare(sql);
        find.Bind(1, cursor).Bind(2, StoredTime.From(before)).Bind(3, Stride).ForEach(row =>
        {
            walked.Count++;
            walked.End = Column.Number(row, 0);
            walked.LastOld = Column.Number(row, 2) == 1 ? walked.End : walked.LastOld;
            if (Column.Number(row, 3) == 1)
            {
                walked.Rows.Add(new PurgeRow(Column.Number(row, 0), Column.Number(row, 1), Column.Count(row, 4)));
            }
        });
        walked.Live.UnionWith(Resolved.Live(connection, walked.Rows.Select(static row => row.Event)));
        return walked;
    });

    /// <summary>Splits rows into the transactions that delete them: by the deliveries of their events, a larger event alone.</summary>
    private static IEnumerable<List<PurgeRow>> InBatches(List<PurgeRow> rows)
    {
        var (batch, deliveries) = (new List<PurgeRow>(), 0);
        foreach (var row in rows)
        {
            if (batch.Count == Purge.AtOnce || (batch.Count > 0 && deliveries + row.Deliveries > Purge.DeliveriesAtOnce))
            {
                yield return batch;
                (batch, deliveries) = ([], 0);
            }

            batch.Add(row);
            deliveries += row.Deliveries;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private sealed class Walked
    {
        public List<PurgeRow> Rows { get; } = [];

        /// <summary>Those of their events whose first deliveries are pending.</summary>
        public HashSet<long> Live { get; } = [];

        public int Count { get; set; }

        public long End { get; set; }

        public long LastOld { get; set; }
    }
}
