using Middleware.Events;
using Middleware.Replays;

namespace Middleware.Storage.Sql;

/// <summary>The rows of an order by ids. They are looked up at each step: the numbers of events differ in another store.</summary>
internal static class SelectedRows
{
    private static readonly string DeadLettersSql =
        $"SELECT no FROM dead_letters WHERE {string.Join(" OR ", Enumerable.Range(0, AtOnce).Select(static index => $"(event = ?{(2 * index) + 1} AND endpoint = ?{(2 * index) + 2})"))}";

    /// <summary>The most rows that a statement names. Its text is always the same, and fewer rows are named again: no cache of statements grows.</summary>
    public const int AtOnce = 200;

    /// <summary>The condition that a column is one of <see cref="AtOnce"/> parameters, the first of which has this number.</summary>
    public static string IsOneOf(string column, int first) => $"{column} IN ({string.Join(',', Enumerable.Range(first, AtOnce).Select(static number => $"?{number}"))})";

    /// <summary>Binds these parameters.</summary>
    public static void Bind(SqlStatement statement, int first, IReadOnlyList<long> rows)
    {
        for (var index = 0; index < AtOnce; index++)
        {
            statement.Bind(first + index, rows[Math.Min(index, rows.Count - 1)]);
        }
    }

    /// <summary>The numbers of the dead letters, or of the events, in their order. An id without a row has none.</summary>
    public static List<long> Of(ISqlConnection connection, ReplayOrder order, Func<EndpointId, long?> numberOf)
    {
        if (order.Of == ReplaySubject.Events)
        {
            return [.. Events(connection, order.Ids!.Select(static id => Guid.ParseExact(id, "n"))).Values.Order()];
        }

        List<DeliveryId> deliveries = [.. order.Ids!.Select(Parsed)];
        var events = Events(connection, deliveries.Where(static id => DeliveryId.SequenceIn(id.EventId) is null).Select(static id => id.EventId));
        var pairs = new List<(long Event, long Endpoint)>();
        foreach (var id in deliveries)
        {
            var sequence = DeliveryId.SequenceIn(id.EventId) ?? (events.TryGetValue(id.EventId, out var found) ? found : default(long?));
            if (sequence is { } number && numberOf(id.Endpoint) is { } endpoint)
            {
                pairs.Add((number, endpoint));
            }
        }

        var rows = new List<long>();
        foreach (var chunk in pairs.Chunk(AtOnce))
        {
            using var read = connection.Prepare(DeadLettersSql);
            for (var index = 0; index < AtOnce; index++)
            {
                var (sequence, endpoint) = chunk[Math.Min(index, chunk.Length - 1)];
                read.Bind((2 * index) + 1, sequence).Bind((2 * index) + 2, endpoint);
            }

            read.ForEach(row => rows.Add(Column.Number(row, 0)));
        }

        return [.. rows.Order()];
    }

    /// <summary>The first ids whose events are not there.</summary>
    public static IReadOnlyList<string> UnknownOf(ISqlConnection connection, ReplayOrder order, int most)
    {
        var known = Events(connection, order.Ids!.Select(id => EventOf(order, id)).Where(static id => DeliveryId.SequenceIn(id) is null));
        return [.. order.Ids!.Where(id => EventOf(order, id) is var of && DeliveryId.SequenceIn(of) is null && !known.ContainsKey(of)).Take(most)];
    }

    private static Dictionary<Guid, long> Events(ISqlConnection connection, IEnumerable<Guid> ids)
    {
        var found = new Dictionary<Guid, long>();
        foreach (var chunk in ids.Distinct().Chunk(AtOnce))
        {
            using var read = connection.Prepare($"SELECT id, seq FROM events WHERE {IsOneOf("id", first: 1)}");
            for (var index = 0; index < AtOnce; index++)
            {
                read.Bind(index + 1, chunk[Math.Min(index, chunk.Length - 1)].ToByteArray(bigEndian: true));
            }

            read.ForEach(row => found[Column.Id(row, 0)] = Column.Number(row, 1));
        }

        return found;
    }

    private static Guid EventOf(ReplayOrder order, string id) => order.Of == ReplaySubject.Events ? Guid.ParseExact(id, "n") : Parsed(id).EventId;

    private static DeliveryId Parsed(string id) => DeliveryId.TryParse(id, out var parsed) ? parsed : default;
}
