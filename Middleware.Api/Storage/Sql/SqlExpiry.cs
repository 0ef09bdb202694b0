using Middleware.Events;
using Middleware.Expiring;

namespace Middleware.Storage.Sql;

/// <summary>
/// Finds expired deliveries in the store's file over a connection for reads. The writer ends a part of them in each of its transactions.
/// </summary>
internal sealed class SqlExpiry(SqlEventStore store) : IExpiryStore, IDisposable
{
    /// <summary>The most rows of one look and of one transaction.</summary>
    public const int AtOnce = 500;

    private readonly ReadConnection _reads = new(store.OpenReader);

    // Retries and replays are not in order of their acceptance: a look goes on behind the last. Of one caller.
    private readonly Dictionary<EndpointId, long> _lookedThrough = [];

    public async Task<SweepStep> SweepEventsAsync(DateTimeOffset now)
    {
        var (events, rows) = _reads.Read(connection => FindEvents(connection, now));
        if (events.Count == 0)
        {
            return new SweepStep([], IsLast: true);
        }

        var ended = await EndAsync(rows);
        var (again, swept) = await store.ChangeAsync(transaction => ExpiryWrites.EndEvents(transaction, events, AtOnce));
        return new SweepStep([.. ended, .. again], IsLast: events.Count < AtOnce && swept == events.Count);
    }

    public async Task<SweepStep> SweepEndpointAsync(EndpointId endpoint, DateTimeOffset acceptedThrough)
    {
        if (store.NumberOf(endpoint) is not { } number)
        {
            return new SweepStep([], IsLast: true);
        }

        var through = _lookedThrough.GetValueOrDefault(endpoint);
        var (rows, isLast, last) = _reads.Read(connection => Find(connection, number, StoredTime.From(acceptedThrough), through));
        if (last == 0)
        {
            _lookedThrough.Remove(endpoint);
        }
        else
        {
            _lookedThrough[endpoint] = last;
        }

        return new SweepStep(await EndAsync(rows), isLast);
    }

    public void Dispose() => _reads.Dispose();

    private async Task<List<ExpiredDelivery>> EndAsync(List<PendingRow> rows)
    {
        var ended = new List<ExpiredDelivery>(rows.Count);
        foreach (var part in rows.Chunk(AtOnce))
        {
            ended.AddRange(await store.ChangeAsync(transaction => ExpiryWrites.End(transaction, part)));
        }

        return ended;
    }

    private static (List<ExpiredEvent> Events, List<PendingRow> Rows) FindEvents(ISqlConnection connection, DateTimeOffset now)
    {
        var events = new List<ExpiredEvent>();
        using var find = connection.Prepare("SELECT expires_at, event FROM expiring WHERE expires_at <= ?1 ORDER BY expires_at, event LIMIT ?2");
        find.Bind(1, StoredTime.From(now)).Bind(2, AtOnce).ForEach(row => events.Add(new ExpiredEvent(Column.Number(row, 0), Column.Number(row, 1))));
        return (events, events.Count == 0 ? [] : Resolved.FirstDeliveries(connection, events.Select(static expired => expired.Event)));
    }

    /// <summary>
    /// The oldest deliveries of each priority that are old enough, and of the retries those of the next rows. Of first deliveries only so many rows are
    /// looked at as there are old ones: they are in order of acceptance.
    /// </summary>
    private static (List<PendingRow> Rows, bool IsLast, long LookedThrough) Find(ISqlConnection connection, long endpoint, long acceptedThrough, long through)
    {
        var rows = new List<PendingRow>();
        var isLast = true;
        using var oldest = connection.Prepare(
            """
            SELECT p.seq, e.accepted_at FROM pending p CROSS JOIN events e ON e.seq = p.seq
            WHERE p.endpoint = ?1 AND p.priority = ?2 ORDER BY p.seq LIMIT ?3
            """);
        foreach (var priority in Priorities.OfLive)
        {
            var count = 0;
            oldest.Bind(1, endpoint).Bind(2, (long)priority).Bind(3, AtOnce).While(row =>
            {
                if (Column.Number(row, 1) > acceptedThrough)
                {
                    return false;
                }

                rows.Add(new PendingRow(endpoint, priority, Column.Number(row, 0), Column.Number(row, 0)));
                count++;
                return true;
            });
            isLast &= count < AtOnce;
        }

        isLast &= AddHeld(connection, endpoint, acceptedThrough, rows);
        var (looked, last) = (0, 0L);
        using var again = connection.Prepare(
            """
            SELECT p.seq, p.event, e.accepted_at FROM pending p CROSS JOIN events e ON e.seq = p.event
            WHERE p.endpoint = ?1 AND p.priority = -1 AND p.seq > ?2 AND p.replay IS NULL ORDER BY p.seq LIMIT ?3
            """);
        again.Bind(1, endpoint).Bind(2, through).Bind(3, AtOnce).ForEach(row =>
        {
            (looked, last) = (looked + 1, Column.Number(row, 0));
            if (Column.Number(row, 2) <= acceptedThrough)
            {
                rows.Add(new PendingRow(endpoint, Priority.Background, last, Column.Number(row, 1)));
            }
        });
        return (rows, isLast, looked < AtOnce ? 0 : last);
    }

    /// <summary>Adds the oldest held deliveries that are old enough; false when there may be more.</summary>
    private static bool AddHeld(ISqlConnection connection, long endpoint, long acceptedThrough, List<PendingRow> rows)
    {
        var count = 0;
        using var held = connection.Prepare(
            """
            SELECT h.seq, h.priority, h.key_hash, e.accepted_at FROM held h CROSS JOIN events e ON e.seq = h.seq
            WHERE h.endpoint = ?1 AND h.replay IS NULL ORDER BY h.seq LIMIT ?2
            """);
        held.Bind(1, endpoint).Bind(2, AtOnce).While(row =>
        {
            if (Column.Number(row, 3) > acceptedThrough)
            {
                return false;
            }

            rows.Add(new PendingRow(endpoint, Column.Priority(row, 1), Column.Number(row, 0), Column.Number(row, 0), Column.Number(row, 2)));
            count++;
            return true;
        });
        return count < AtOnce;
    }
}
