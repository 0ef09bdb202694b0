using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Events;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

public sealed class PostgresWriterTests : IAsyncLifetime
{
    private const short OtherStream = 9;

    private PostgresDatabase _database = null!;
    private NpgsqlDataSource _source = null!;
    private PostgresSettings _settings = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await EmptyStore.CopyAsync();
        _settings = Made.Postgres(_database);
        _source = _settings.CreateSource();
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public void A_writer_is_among_others_unless_all_slots_are_its_own()
    {
        using var writer = new PostgresWriter(_source, _settings, TimeProvider.System, static () => { });
        Assert.False(writer.IsAmongOthers);

        writer.Owns = Enumerable.Range(1, SlotPlan.Slots - 1).ToHashSet();

        Assert.True(writer.IsAmongOthers);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_group_of_another_replica_that_was_counted_anew_still_reaches_its_lane_and_is_counted_once(int groups)
    {
        using var writer = new PostgresWriter(_source, _settings, TimeProvider.System, static () => { });
        var (endpoints, sink) = (new EndpointRows(), new RecordingSink());
        await _database.ExecuteAsync("INSERT INTO endpoints (id) VALUES ('a')");
        writer.Rebuild(endpoints);
        var endpoint = endpoints.Find(new EndpointId("a"))!;
        var rows = new List<CommitRow>();
        for (var number = 1; number <= groups; number++)
        {
            rows.Add(await CommitAsync(endpoint.Number, number));
        }

        writer.Rebuild(endpoints);
        Assert.Equal(groups, endpoint.Waiting);
        foreach (var row in rows)
        {
            await NotifyAsync(writer.Apply([row], endpoints, sink), endpoints, sink);
        }

        Assert.Equal(rows.Select(static row => row.Last[0]), sink.HasQueued.Select(static queued => queued.Sequence));
        Assert.Equal(groups, endpoint.Waiting);
        Assert.Equal(rows[^1].Number, writer.Marks[OtherStream]);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_group_before_one_of_a_new_endpoint_reaches_its_lane()
    {
        using var writer = new PostgresWriter(_source, _settings, TimeProvider.System, static () => { });
        var (endpoints, sink) = (new EndpointRows(), new RecordingSink());
        await _database.ExecuteAsync("INSERT INTO endpoints (id) VALUES ('a')");
        writer.Rebuild(endpoints);
        var known = endpoints.Find(new EndpointId("a"))!;
        await _database.ExecuteAsync("INSERT INTO endpoints (id) VALUES ('b')");
        var ofNew = await CommitAsync(known.Number + 1, 1);

        // It is committed when the first has been read by the tail, and before all is counted anew.
        var late = await CommitAsync(known.Number, 2);
        await NotifyAsync(writer.Apply([ofNew], endpoints, sink), endpoints, sink);
        await NotifyAsync(writer.Apply([late], endpoints, sink), endpoints, sink);

        Assert.Equal([ofNew.Last[0], late.Last[0]], sink.HasQueued.Select(static queued => queued.Sequence));
        Assert.Equal((1, 1), (known.Waiting, endpoints.Find(new EndpointId("b"))!.Waiting));
    }

    private async Task NotifyAsync(AppliedRows applied, EndpointRows endpoints, RecordingSink sink)
    {
        using var committed = new CommittedByOthers(new PostgresSql(_source.OpenConnection), keys: null, endpoints, sink, NullLogger.Instance);
        await committed.NotifyAsync(applied);
    }

    /// <summary>Makes a delivery pending as another replica does.</summary>
    private async Task<CommitRow> CommitAsync(long endpoint, long number)
    {
        var sequence = PostgresClock.Next(0, TimeProvider.System.GetUtcNow(), OtherStream) + number;
        var row = new CommitRow(OtherStream, sequence, [(endpoint * 8) + (long)Priority.Low + 1], [sequence], [endpoint], [1], [], [], [0], [0], [], []);
        await _database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO pending (endpoint, priority, seq) VALUES ({endpoint}, {(int)Priority.Low}, {sequence})"));
        await using var connection = await _source.OpenConnectionAsync(Waiting.Cancellation);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { row.ToInsert() } };
        await batch.ExecuteNonQueryAsync(Waiting.Cancellation);
        return row;
    }
}
