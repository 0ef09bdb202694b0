using System.Collections.Concurrent;
using Middleware.Delivering;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>The row of an endpoint: its number, and the number of its waiting deliveries.</summary>
/// <param name="id">Of the endpoint.</param>
/// <param name="number">In the store.</param>
/// <param name="touched">The rows that the transaction under way changes; a row adds itself.</param>
internal sealed class EndpointRow(EndpointId id, long number, List<EndpointRow> touched)
{
    private int _waiting;
    private long _failingSince;
    private bool _hasEndedUnsent;
    private bool _isNew;
    private bool _isTouched;

    public EndpointId Id => id;

    public long Number => number;

    /// <summary>As committed.</summary>
    public int Waiting
    {
        get => Volatile.Read(ref _waiting);
        set => Volatile.Write(ref _waiting, value);
    }

    /// <summary>The stored time of the first failure since a success; 0 for none. As committed.</summary>
    public long FailingSince
    {
        get => Volatile.Read(ref _failingSince);
        set => Volatile.Write(ref _failingSince, value);
    }

    /// <summary>True once a pending delivery to it ended by an erasure or a sweep: a worker may still have it at hand.</summary>
    public bool HasEndedUnsent
    {
        get => Volatile.Read(ref _hasEndedUnsent);
        set => Volatile.Write(ref _hasEndedUnsent, value);
    }

    /// <summary>True for a deleted endpoint: nothing becomes pending for it. Written by the writer alone.</summary>
    public bool IsClosed { get; set; }

    /// <summary>The change of <see cref="FailingSince"/> by the transaction under way; null for none. The writer's own.</summary>
    public long? FailingSinceInGroup
    {
        get;
        set => field = Touched(value);
    }

    /// <summary>The change of <see cref="Waiting"/> by the transaction under way. The writer's own.</summary>
    public int InGroup
    {
        get;
        set => field = Touched(value);
    }

    /// <summary>The value of <see cref="IsClosed"/> once the transaction under way is committed; null for no change. The writer's own.</summary>
    public bool? IsClosedInGroup
    {
        get;
        set => field = Touched(value);
    }

    /// <summary>True until the transaction that inserted it is committed. The writer's own.</summary>
    public bool IsNew
    {
        get => _isNew;
        init => _isNew = Touched(value);
    }

    /// <summary>True for a deleted endpoint, as the transaction under way has it. The writer's own.</summary>
    public bool IsShut => IsClosedInGroup ?? IsClosed;

    /// <summary>Takes over the changes of the transaction under way, or forgets them.</summary>
    public void EndGroup(bool committed)
    {
        if (committed)
        {
            Waiting += InGroup;
            FailingSince = FailingSinceInGroup ?? FailingSince;
            IsClosed = IsShut;
        }

        _isTouched = true;
        (InGroup, FailingSinceInGroup, IsClosedInGroup, _isNew) = (0, null, null, false);
        _isTouched = false;
    }

    private T Touched<T>(T value)
    {
        if (!_isTouched)
        {
            _isTouched = true;
            touched.Add(this);
        }

        return value;
    }
}

/// <summary>The endpoints the store has seen. The numbers of waiting deliveries follow the commits and are rebuilt from the pending rows.</summary>
internal sealed class EndpointRows
{
    private readonly ConcurrentDictionary<EndpointId, EndpointRow> _rows = [];
    private readonly ConcurrentDictionary<long, EndpointRow> _byNumber = [];

    // A commit costs only the rows that it changes, however many endpoints there are. The writer's own.
    private readonly List<EndpointRow> _touched = [];

    public ReplaysUnderWay Replays { get; } = new();

    /// <summary>The deliveries that wait for deleted endpoints.</summary>
    public int WaitingForDeleted => _rows.Sum(static row => row.Value.IsClosed ? row.Value.Waiting : 0);

    /// <summary>The rows that the transaction under way has changed. The writer's own.</summary>
    public IReadOnlyList<EndpointRow> Touched => _touched;

    /// <summary>All rows; a copy.</summary>
    public ICollection<EndpointRow> All => _rows.Values;

    public EndpointRow? Find(EndpointId id) => _rows.GetValueOrDefault(id);

    public EndpointRow? Find(long number) => _byNumber.GetValueOrDefault(number);

    /// <summary>The row of an endpoint, inserted when it is new. Called by the writer, in its transaction.</summary>
    public EndpointRow Get(EndpointId id, IWriteStatements statements)
    {
        if (!_rows.TryGetValue(id, out var row))
        {
            row = new EndpointRow(id, statements.EndpointNumber(id), _touched) { IsNew = true };
            (_rows[id], _byNumber[row.Number]) = (row, row);
        }

        return row;
    }

    /// <summary>Takes the changes of a transaction over and notifies <paramref name="sink"/> of endpoints for which nothing waits, or forgets them.</summary>
    public void EndGroup(bool committed, IDeliverySink sink)
    {
        foreach (var row in _touched)
        {
            if (row.IsNew && !committed)
            {
                _rows.TryRemove(row.Id, out _);
                _byNumber.TryRemove(row.Number, out _);
            }

            row.EndGroup(committed);
            if (committed && row.Waiting == 0)
            {
                sink.Drained(row.Id);
            }
        }

        _touched.Clear();
    }

    /// <summary>Reads all endpoints and counts the pending rows of each. None is missing meanwhile: a lane would take it for empty.</summary>
    public void Rebuild(ISqlConnection connection)
    {
        using var statement = connection.Prepare(
            """
            SELECT no, id, (SELECT COUNT(*) FROM pending WHERE endpoint = no AND priority >= 0), COALESCE(failing_since, 0),
                EXISTS (SELECT 1 FROM registrations WHERE endpoint = no AND is_deleted = 1)
            FROM endpoints
            """);
        statement.ForEach(row =>
        {
            var (number, id, waiting) = (Column.Number(row, 0), Column.Endpoint(row, 1), Column.Count(row, 2));
            var known = _byNumber[number] = _rows.GetOrAdd(id, added => new EndpointRow(added, number, _touched) { Waiting = waiting });
            known.Waiting = waiting;
            known.FailingSince = Column.Number(row, 3);
            known.IsClosed |= Column.Count(row, 4) != 0;
        });
    }

    /// <summary>Reads the times since when endpoints fail, which other writers may have written.</summary>
    public void ReadFailing(ISqlConnection connection)
    {
        var failing = new Dictionary<long, long>();
        using var read = connection.Prepare("SELECT no, failing_since FROM endpoints WHERE failing_since IS NOT NULL");
        read.ForEach(row => failing[Column.Number(row, 0)] = Column.Number(row, 1));
        foreach (var (number, row) in _byNumber)
        {
            row.FailingSince = failing.GetValueOrDefault(number);
        }
    }
}
