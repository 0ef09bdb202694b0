using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using Npgsql;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>A lane that is notified of what another replica has committed: it is offered what was read for it, and reads the rest by itself.</summary>
public sealed class NotifyingLanes : IAsyncLifetime
{
    private const short Stream = 9;

    private static readonly EndpointId Pager = new("pager");

    private readonly ListStore _store = new();
    private readonly LaneWindows _windows;
    private readonly RecordingSink _sink = new();
    private readonly EndpointRows _endpoints = new();
    private readonly List<CommitRow> _rows = [];
    private PostgresDatabase _database = null!;
    private NpgsqlDataSource _source = null!;
    private int _readsBefore;

    public NotifyingLanes()
    {
        _windows = new LaneWindows(LaneId.Whole(Pager), new LaneDemand(), new LaneBudget(), _store, TimeProvider.System, NullLogger.Instance);
        _sink.OpeningOf = (_, priority) => _windows.OpeningOf(priority);
    }

    public async ValueTask InitializeAsync()
    {
        _database = await EmptyStore.CopyAsync();
        _source = Made.Postgres(_database).CreateSource();
        await _database.ExecuteAsync("INSERT INTO endpoints (id) VALUES ('pager')");
        using var sql = new PostgresSql(_source.OpenConnection);
        _endpoints.Rebuild(sql);
        await _windows.StartAsync(new GivenBack(new LaneDemand(), TimeProvider.System));
        await Waiting.Until(() => _windows.OpeningOf(Priority.Low) is not null);
        _readsBefore = _store.Reads;
    }

    public async ValueTask DisposeAsync()
    {
        _windows.Dispose();
        await _source.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task It_takes_what_was_read_in_order_and_reads_nothing()
    {
        var (first, second) = (await CommitAsync(1), await CommitAsync(2));

        await NotifyAsync(_source.OpenConnection);

        Assert.Equal([first, second], Taken());
        Assert.Equal([first, second], _sink.HasQueued.Select(static queued => queued.Sequence));
        _windows.Queued(Priority.Low, second);
        Assert.Equal(_readsBefore, _store.Reads);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task It_takes_nothing_from_one_that_it_has_to_read_by_itself()
    {
        var first = await CommitAsync(1);
        var unreadable = await CommitAsync(2, payload: "");
        var last = await CommitAsync(3);

        await NotifyAsync(_source.OpenConnection);

        Assert.Equal([first], Taken());
        Assert.Equal([first, unreadable, last], _sink.HasQueued.Select(static queued => queued.Sequence));
        _windows.Queued(Priority.Low, last);
        await Waiting.Until(() => _store.Reads > _readsBefore);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task It_takes_no_delivery_from_one_that_a_former_owner_has_tried()
    {
        var tried = await CommitAsync(1);
        await CommitAsync(2);
        await _database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE pending SET tries = 1 WHERE seq = {tried}"));

        await NotifyAsync(_source.OpenConnection);

        Assert.Empty(Taken());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task It_is_notified_when_nothing_can_be_read()
    {
        var first = await CommitAsync(1);

        await NotifyAsync(static () => throw new NpgsqlException("away"));

        Assert.Empty(Taken());
        Assert.Equal([first], _sink.HasQueued.Select(static queued => queued.Sequence));
    }

    /// <summary>Notifies it on a thread that must not wait for the database.</summary>
    private async Task NotifyAsync(Func<NpgsqlConnection> open)
    {
        using var committed = new CommittedByOthers(new PostgresSql(open), keys: null, _endpoints, _sink, NullLogger.Instance);
        var notifying = new TaskCompletionSource<Task>();
        new Thread(() =>
        {
            try
            {
                notifying.SetResult(committed.NotifyAsync(new AppliedRows(_rows, new long[PostgresClock.Streams])));
            }
            catch (Exception exception)
            {
                notifying.SetException(exception);
            }
        })
        { Name = ".NET Sockets" }.Start();
        await await notifying.Task;
    }

    private List<long> Taken()
    {
        var taken = new List<long>();
        while (_windows.FindNext() is ({ } window, { } head) && _windows.TryTake(window, head) is { } delivery)
        {
            taken.Add(delivery.Sequence);
        }

        return taken;
    }

    /// <summary>Accepts an event as another replica does, and returns its number.</summary>
    private async Task<long> CommitAsync(int number, string payload = "{}")
    {
        var (endpoint, now) = (_endpoints.Find(Pager)!.Number, TimeProvider.System.GetUtcNow());
        var sequence = PostgresClock.Next(0, now, Stream) + number;
        await _database.ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            INSERT INTO events (seq, id, correlation_id, source, event_type, priority, accepted_at, endpoints, payload)
            VALUES ({sequence}, decode('{number:x32}', 'hex'), 'c', 's', 't', {(int)Priority.Low}, {StoredTime.From(now)}, 1, '{payload}');
            INSERT INTO pending (endpoint, priority, seq) VALUES ({endpoint}, {(int)Priority.Low}, {sequence})
            """));
        _rows.Add(new CommitRow(Stream, sequence, [(endpoint * 8) + (long)Priority.Low + 1], [sequence], [endpoint], [1], [], [], [0], [0], [], []));
        return sequence;
    }
}
