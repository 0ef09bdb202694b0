using System.Collections.Concurrent;
using Middleware.Domain;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>An endpoint as the store knows it: its number, and how many deliveries wait for it.</summary>
internal sealed class EndpointRow(EndpointId id, long number)
{
    private int _waiting;
    private long _failingSince;

    public EndpointId Id => id;

    public long Number => number;

    /// <summary>As committed.</summary>
    public int Waiting
    {
        get => Volatile.Read(ref _waiting);
        set => Volatile.Write(ref _waiting, value);
    }

    /// <summary>When the first delivery failed since one succeeded, as stored; 0 while none did. As committed.</summary>
    public long FailingSince
    {
        get => Volatile.Read(ref _failingSince);
        set => Volatile.Write(ref _failingSince, value);
    }

    /// <summary>What the transaction under way makes of <see cref="FailingSince"/>; null for no change. The writer's own.</summary>
    public long? FailingSinceInGroup { get; set; }

    /// <summary>What the transaction under way adds to <see cref="Waiting"/>. The writer's own.</summary>
    public int InGroup { get; set; }

    /// <summary>True for one that was deleted: nothing becomes pending for it. The writer's own.</summary>
    public bool IsClosed { get; set; }

    /// <summary>True when the transaction under way deletes it. The writer's own.</summary>
    public bool IsClosedInGroup { get; set; }

    /// <summary>True until the transaction that inserted it is committed. The writer's own.</summary>
    public bool IsNew { get; set; }
}

/// <summary>The endpoints the store has seen. The numbers of waiting deliveries follow the commits and are rebuilt from what is pending.</summary>
internal sealed class EndpointRows
{
    private readonly ConcurrentDictionary<EndpointId, EndpointRow> _rows = [];

    public ReplaysUnderWay Replays { get; } = new();

    public EndpointRow? Find(EndpointId id) => _rows.GetValueOrDefault(id);

    public EndpointRow? Find(long number) => _rows.Values.FirstOrDefault(row => row.Number == number);

    /// <summary>The row of an endpoint, inserted when it is new. Called by the writer, in its transaction.</summary>
    public EndpointRow Get(EndpointId id, WriteStatements statements) =>
        _rows.TryGetValue(id, out var row) ? row : _rows[id] = new EndpointRow(id, statements.EndpointNumber(id)) { IsNew = true };

    /// <summary>Takes the changes of a transaction over, or forgets them.</summary>
    public void EndGroup(bool committed)
    {
        foreach (var row in _rows.Values)
        {
            if (row.IsNew && !committed)
            {
                _rows.TryRemove(row.Id, out _);
            }

            row.Waiting += committed ? row.InGroup : 0;
            row.FailingSince = committed && row.FailingSinceInGroup is { } since ? since : row.FailingSince;
            row.FailingSinceInGroup = null;
            row.IsClosed |= committed && row.IsClosedInGroup;
            row.IsClosedInGroup = false;
            row.InGroup = 0;
            row.IsNew = false;
        }
    }

    public ICollection<EndpointRow> All => _rows.Values;

    /// <summary>Reads all endpoints and counts what is pending for each. None is missing meanwhile: a lane would take it for empty.</summary>
    public void Rebuild(sqlite3 connection)
    {
        using var statement = new Statement(
            connection, "SELECT no, id, (SELECT COUNT(*) FROM pending WHERE endpoint = no AND priority >= 0), COALESCE(failing_since, 0) FROM endpoints");
        statement.ForEach(row =>
        {
            var id = new EndpointId(raw.sqlite3_column_text(row, 1).utf8_to_string());
            var known = _rows.GetOrAdd(id, static (added, number) => new EndpointRow(added, number), raw.sqlite3_column_int64(row, 0));
            known.Waiting = raw.sqlite3_column_int(row, 2);
            known.FailingSince = raw.sqlite3_column_int64(row, 3);
        });
    }
}
