using Middleware.Streaming;

namespace Middleware.Storage.Sql;

/// <summary>
/// Reads accepted events for all listeners, over a connection of its own. Together they take no more than a core, and hold up no other reader.
/// </summary>
internal sealed class SqlAcceptedEvents(SqlEventStore store) : IAcceptedEvents, IDisposable
{
    private readonly HistoryReader _reads = new(store.OpenLaneReader);

    public StreamPlace Now()
    {
        var visible = store.Visible;
        return new StreamPlace(visible.Last, visible.From);
    }

    public StreamPlace? FindPlace(string text)
    {
        var place = StreamPlace.TryParse(text, store.Streams);
        if (place is null || store.HasReplicas)
        {
            return place;
        }

        // A store that was restored, or began anew, uses numbers again: it has nothing after this one yet.
        return new StreamPlace([Math.Min(place.Last[0], store.Visible.Last[0])], from: 0);
    }

    public bool HasMore(StreamPlace place)
    {
        var last = store.Visible.Last;
        for (var stream = 0; stream < last.Count; stream++)
        {
            if (last[stream] > place.Last[stream])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads on a thread of the pool: the caller's may be the one that waits for all sockets.</summary>
    public Task<StreamPage> ReadAsync(StreamQuery query, StreamPlace place, int rows, CancellationToken cancellationToken)
    {
        // Before the snapshot, which sees all that is visible now.
        var visible = store.Visible;
        return Task.Run(() => _reads.ReadAsync(connection => new AcceptedWalk(query, place, store.Keys).Read(connection, visible, rows), cancellationToken), cancellationToken);
    }

    public void Dispose() => _reads.Dispose();
}
