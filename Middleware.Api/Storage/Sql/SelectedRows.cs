using System.Globalization;
using Middleware.Events;
using Middleware.Replays;

namespace Middleware.Storage.Sql;

/// <summary>The rows of an order by ids. They are looked up at each step: the numbers of events differ in another store.</summary>
internal static class SelectedRows
{
    // So few statements are planned that none is kept for nothing.
    private const int AtOnce = 100;

    /// <summary>The condition that a row is one of these.</summary>
    public static string Condition(ReplaySubject subject, IReadOnlyList<long> rows) =>
        $" AND {(subject == ReplaySubject.DeadLetters ? "d.no" : "e.seq")} IN ({string.Join(',', rows.Select(Text))})";

    /// <summary>The numbers of the dead letters, or of the events, in their order. An id without a row has none.</summary>
    public static List<long> Of(ISqlConnection connection, ReplayOrder order, Func<EndpointId, long?> numberOf)
    {
        if (order.Of == ReplaySubject.Events)
        {
            return [.. Events(connection, order.Ids!.Select(static id => Guid.ParseExact(id, "n"))).Values.Order()];
        }

        List<DeliveryId> deliveries = [.. order.Ids!.Select(Parsed)];
        var events = Events(connection, deliveries.Where(static id => DeliveryId.SequenceIn(id.EventId) is null).Select(static id => id.EventId));
        var rows = new List<long>();
        foreach (var chunk in deliveries.Chunk(AtOnce))
        {
            var pairs = new List<string>();
            foreach (var id in chunk)
            {
                var sequence = DeliveryId.SequenceIn(id.EventId) ?? (events.TryGetValue(id.EventId, out var found) ? found : default(long?));
                if (sequence is { } number && numberOf(id.Endpoint) is { } endpoint)
                {
                    pairs.Add($"(event = {Text(number)} AND endpoint = {Text(endpoint)})");
                }
            }

            if (pairs.Count > 0)
            {
                using var read = connection.Prepare($"SELECT no FROM dead_letters WHERE {string.Join(" OR ", pairs)}");
                read.ForEach(row => rows.Add(Column.Number(row, 0)));
            }
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
            // The last one stands for those that a shorter chunk lacks, so that there is one statement.
            using var read = connection.Prepare($"SELECT id, seq FROM events WHERE id IN ({string.Join(',', Enumerable.Range(1, AtOnce).Select(static number => $"?{number}"))})");
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

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
