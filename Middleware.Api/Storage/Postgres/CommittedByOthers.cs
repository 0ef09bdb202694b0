using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.AtRest;
using Middleware.Storage.Sql;

namespace Middleware.Storage.Postgres;

/// <summary>
/// Notifies the lanes of new deliveries in groups of other replicas. Those of all lanes that take them in at once are read together: a read for each lane would cost more than
/// the deliveries. The other lanes read by themselves.
/// </summary>
internal sealed partial class CommittedByOthers(ISqlConnection connection, DataKeys? keys, EndpointRows endpoints, IDeliverySink sink, ILogger logger) : IDisposable
{
    private const int MostRows = 1_000;
    private const long MostBytes = 8 << 20;
    private const int Endpoint = 17;

    private readonly SqlStatement _read = connection.Prepare($"""
        SELECT {PendingReader.ColumnsOfNew}, p.endpoint, p.priority, p.tries
        FROM unnest(string_to_array(?1, ',')::bigint[], string_to_array(?2, ',')::smallint[], string_to_array(?3, ',')::bigint[], string_to_array(?4, ',')::bigint[])
            AS r (endpoint, priority, before, last),
            LATERAL (SELECT * FROM pending w WHERE w.endpoint = r.endpoint AND w.priority = r.priority AND w.seq > r.before AND w.seq <= r.last
                AND (w.seq >> 16) & 63 = (r.last >> 16) & 63 ORDER BY w.seq LIMIT {MostRows}) p
            LEFT JOIN events e ON e.seq = p.seq
        ORDER BY p.seq LIMIT {MostRows}
        """);

    /// <summary>Notifies the lanes, whatever happens meanwhile. A thread of the pool waits for the database: the one that waits for all sockets would wait for itself.</summary>
    public Task NotifyAsync(AppliedRows applied) => Task.Run(() => Notify(applied));

    public void Dispose()
    {
        _read.Dispose();
        connection.Dispose();
    }

    private void Notify(AppliedRows applied)
    {
        try
        {
            Offer(applied);
        }
        catch (StoreUnavailableException exception)
        {
            NotRead(exception.Message);
        }
        finally
        {
            // One that has taken all in has nothing more to read.
            foreach (var (endpoint, priority, last) in applied.Rows.SelectMany(static row => row.New))
            {
                if (endpoints.Find(endpoint) is { } row)
                {
                    sink.Queued(row.Id, priority, last);
                }
            }
        }
    }

    private void Offer(AppliedRows applied)
    {
        var open = new Dictionary<(long Endpoint, Priority Priority), (EndpointId Id, LaneOpening Opening)>();
        var ranges = new Dictionary<(long Endpoint, Priority Priority, int Stream), (long Before, long Last)>();
        foreach (var group in applied.Rows)
        {
            foreach (var (endpoint, priority, last) in group.New)
            {
                if (open.ContainsKey((endpoint, priority)) || Open(endpoint, priority))
                {
                    ranges[(endpoint, priority, group.Stream)] = (applied.Before[group.Stream], last);
                }
            }
        }

        if (ranges.Count > 0)
        {
            var bytes = 0L;
            var unreadable = new List<UnreadableRow>();
            _read.Bind(1, Joined(static range => range.Key.Endpoint)).Bind(2, Joined(static range => (long)range.Key.Priority))
                .Bind(3, Joined(static range => range.Value.Before)).Bind(4, Joined(static range => range.Value.Last));
            ReadConnection.OrUnavailable(() => _read.While(row =>
            {
                var priority = (Priority)Column.Number(row, Endpoint + 1);
                var (id, opening) = open[(Column.Number(row, Endpoint), priority)];
                if (!Column.IsNull(row, Endpoint + 2) || PendingReader.TryRead(row, LaneId.Whole(id), priority, keys, hasReplicas: true, unreadable) is not { } delivery)
                {
                    // It was tried by a former owner, or cannot be read: its lane reads it. A later one would pass it over.
                    return false;
                }

                opening.Offer(delivery);
                return (bytes += delivery.HeldBytes) < MostBytes;
            }));
        }

        bool Open(long endpoint, Priority priority)
        {
            if (endpoints.Find(endpoint) is { } row && sink.OpeningOf(row.Id, priority) is { } opening)
            {
                open[(endpoint, priority)] = (row.Id, opening);
                return true;
            }

            return false;
        }

        string Joined(Func<KeyValuePair<(long Endpoint, Priority Priority, int Stream), (long Before, long Last)>, long> value) => string.Join(',', ranges.Select(value));
    }

    [LoggerMessage(LogLevel.Debug, "what other replicas committed cannot be read at the moment: its lanes read it by themselves")]
    private partial void NotRead(string error);
}
