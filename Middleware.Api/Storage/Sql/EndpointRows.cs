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
    private int _ordered;
    private int _held;
    private volatile bool _hasKeys;
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

    /// <summary>Those of the waiting deliveries that are in order by key. As committed.</summary>
    public int Ordered
    {
        get => Volatile.Read(ref _ordered);
        set => Volatile.Write(ref _ordered, value);
    }

    /// <summary>Those of them that are held. As committed.</summary>
    public int Held
    {
        get => Volatile.Read(ref _held);
        set => Volatile.Write(ref _held, value);
    }

    /// <summary>True when some wait, and all of them in order by key.</summary>
    public bool HasOnlyOrdered => Ordered > 0 && Ordered == Waiting;

    /// <summary>True once a delivery was held or a dead letter blocked its key: without any, nothing is looked up.</summary>
    public bool HasKeys
    {
        get => _hasKeys;
        set => _hasKeys = value;
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

    /// <summary>The change of <see cref="Ordered"/> by the transaction under way. The writer's own.</summary>
    public int OrderedInGroup
    {
        get;
        set => field = Touched(value);
    }

    /// <summary>The change of <see cref="Held"/> by the transaction under way. The writer's own.</summary>
    public int HeldInGroup
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

    /// <summary>Counts the end of a delivery, pending or held, in the transaction under way. The writer's own.</summary>
    public void CountEnd(Priority priority)
    {
        InGroup -= priority == Priority.Background ? 0 : 1;
        OrderedInGroup -= priority == Priority.Ordered ? 1 : 0;
    }

    /// <summary>Takes over the changes of the transaction under way, or forgets them.</summary>
    public void EndGroup(bool committed)
    {
        if (committed)
        {
            Waiting += InGroup;
            Ordered += OrderedInGroup;
            Held += HeldInGroup;
            FailingSince = FailingSinceInGroup ?? FailingSince;
            IsClosed = IsShut;
        }

        _isTouched = true;
        (InGroup, OrderedInGroup, HeldInGroup, FailingSinceInGroup, IsClosedInGroup, _isNew) = (0, 0, 0, null, null, false);
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
/// <param name="streams">The writers' streams. Where there are several, another writer may hold deliveries at any time.</param>
internal sealed class EndpointRows(int streams = 1)
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
            row = new EndpointRow(id, statements.EndpointNumber(id), _touched) { IsNew = true, HasKeys = streams > 1 };
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

            if (committed && row.HasOnlyOrdered)
            {
                sink.OnlyOrdered(row.Id);
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
                EXISTS (SELECT 1 FROM registrations WHERE endpoint = no AND is_deleted = 1),
                (SELECT COUNT(*) FROM pending WHERE endpoint = no AND priority = 4), (SELECT COUNT(*) FROM held WHERE endpoint = no AND priority = 4),
                EXISTS (SELECT 1 FROM held WHERE endpoint = no) OR EXISTS (SELECT 1 FROM dead_letters WHERE endpoint = no AND blocks IS NOT NULL)
            FROM endpoints
            """);
        statement.ForEach(row =>
        {
            var (number, id, held) = (Column.Number(row, 0), Column.Endpoint(row, 1), Column.Count(row, 6));
            var waiting = Column.Count(row, 2) + held;
            var known = _byNumber[number] = _rows.GetOrAdd(id, added => new EndpointRow(added, number, _touched) { Waiting = waiting });
            (known.Waiting, known.Ordered, known.Held) = (waiting, Column.Count(row, 5) + held, held);
            known.HasKeys |= streams > 1 || Column.Count(row, 7) != 0;
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
