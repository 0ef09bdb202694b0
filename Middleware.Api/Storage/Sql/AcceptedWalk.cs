using System.Globalization;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;
using Middleware.Storage.AtRest;
using Middleware.Streaming;

namespace Middleware.Storage.Sql;

/// <summary>
/// Reads the events after a place in order of sequence, and of each stream those alone that are visible. A row that becomes visible later is of a higher
/// number in its stream, so none is passed over.
/// </summary>
internal sealed class AcceptedWalk(StreamQuery query, StreamPlace place, DataKeys? keys)
{
    private const int FirstCondition = 6;

    /// <summary>The most bytes of payload that a page reads.</summary>
    private const int MostBytes = 8 << 20;

    // So much costs about as much as a row.
    private const int BytesOfRow = 4 << 10;
    private const int StepsOfRow = 1_000;

    // The marks are made an array once for each read, and not for each row.
    private const string OfStreams =
        """
        AND e.seq > ((SELECT string_to_array(?4, ',')::bigint[]))[((e.seq >> 16) & 63)::int + 1]
        AND e.seq <= ((SELECT string_to_array(?5, ',')::bigint[]))[((e.seq >> 16) & 63)::int + 1]
        """;

    private readonly StreamPlace _to = place.Copy();
    private readonly PayloadSearch? _search = query.Fields.Text is { } text ? new PayloadSearch(text) : null;
    private readonly List<(string, AcceptedEventItem)> _found = [];
    private long _bytes;
    private long _steps;

    /// <summary>Reads at most so many rows, and moves the place past them.</summary>
    public StreamPage Read(ISqlConnection connection, in VisibleRows visible, int most)
    {
        var (last, rows, at) = (visible.Last, 0, 0L);
        int[] streams = [.. Enumerable.Range(0, last.Count).Where(stream => last[stream] > place.Last[stream])];
        if (streams is [])
        {
            return new StreamPage([], 0);
        }

        var conditions = EventWalk.ConditionsOf(query.Fields, FirstCondition);
        var payload = query.ReadsPayloads ? $"CASE WHEN {conditions.Sql} THEN e.payload END" : "NULL";
        using var walk = connection.Prepare($"""
            SELECT e.seq, {conditions.Sql}, {payload}, e.id, e.correlation_id, e.source, e.event_type, e.priority, e.accepted_at, e.expires_at
            FROM events e WHERE e.seq > ?1 AND e.seq <= ?2 {(last.Count > 1 ? OfStreams : "")} ORDER BY e.seq LIMIT ?3
            """);
        walk.Bind(1, First(connection, visible, streams)).Bind(2, streams.Max(stream => last[stream])).Bind(3, most);
        if (last.Count > 1)
        {
            // A stream without anything new has an empty stretch.
            walk.Bind(4, string.Join(',', place.Last)).Bind(5, string.Join(',', last));
        }

        conditions.BindTo(walk);
        var isCut = walk.While(row =>
        {
            (at, rows) = (Column.Number(row, 0), rows + 1);
            _to.Pass(at);
            if (Column.Number(row, 1) != 0 && IsWanted(row))
            {
                _found.Add((_to.ToString(), ItemOf(row)));
            }

            return _bytes < MostBytes;
        });

        var isAll = !isCut && rows < most;
        foreach (var stream in streams)
        {
            _to.Raise(stream, isAll ? last[stream] : Math.Min(at, last[stream]));
        }

        if (isAll)
        {
            _to.RaiseBase(visible.From);
        }

        place.Become(_to);
        return new StreamPage(_found, rows + (int)(_bytes / BytesOfRow) + (int)(_steps / StepsOfRow));
    }

    /// <summary>
    /// The number after which the read begins. A stream that was silent for long would have it begin where that ended, among the events of all others. Its rows are of
    /// the first group after that, and hardly older.
    /// </summary>
    private long First(ISqlConnection connection, in VisibleRows visible, int[] streams)
    {
        var areKept = place.Newest > visible.GroupsFrom;
        var first = long.MaxValue;
        foreach (var stream in streams)
        {
            var after = place.Last[stream];
            if (areKept && visible.Last[stream] - after > visible.Late)
            {
                using var group = connection.Prepare(string.Create(CultureInfo.InvariantCulture, $"SELECT MIN(number) FROM commits WHERE stream = {stream} AND number > ?1"));
                after = Math.Max(after, (group.Bind(1, after).Scalar() ?? after) - visible.Late);
            }

            first = Math.Min(first, after);
        }

        return first;
    }

    private bool IsWanted(ISqlRow row)
    {
        if (!query.ReadsPayloads)
        {
            return true;
        }

        // That of an erased event is empty.
        var payload = DataKeys.Open(keys, SealedRow.Payload(Column.Id(row, 3)), Column.Blob(row, 2));
        _bytes += payload?.Length ?? 0;
        return payload is { Length: > 0 } && (_search is null || _search.IsIn(payload)) && (query.Filter is null || Meets(query.Filter, ItemOf(row), payload));
    }

    private bool Meets(EventFilter filter, AcceptedEventItem item, byte[] payload)
    {
        var budget = new StepBudget(new FilterBudget(payload.Length).For(filter));
        var before = budget.Left;
        var meets = filter.Matches(
            new FilteredEvent(new IntegrationEvent
            {
                Id = item.Id,
                CorrelationId = item.CorrelationId,
                Source = item.Source,
                EventType = item.EventType,
                Priority = item.Priority,
                AcceptedAt = item.AcceptedAt,
                ExpiresAt = item.ExpiresAt,
                Payload = payload,
            }),
            ref budget);
        _steps += before - budget.Left;
        return meets;
    }

    private static AcceptedEventItem ItemOf(ISqlRow row) => new()
    {
        Id = Column.Id(row, 3),
        CorrelationId = Column.Text(row, 4),
        Source = Column.Text(row, 5),
        EventType = Column.Text(row, 6),
        Priority = Column.Priority(row, 7),
        AcceptedAt = Column.Time(row, 8),
        ExpiresAt = Column.TimeOrNull(row, 9),
    };
}
