using Microsoft.Data.Sqlite;
using Middleware.Events;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;
using SQLitePCL;

namespace Tests.Middleware.Storage.Sqlite;

public sealed class ManyEndpoints : IDisposable
{
    private const int Endpoints = 5_000;
    private const int Commits = 100;

    private static readonly RecordingSink Sink = new();

    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly SqliteStatements _statements;

    public ManyEndpoints()
    {
        _connection.Open();
        SchemaMigration.Run(_connection, SchemaMigration.Scripts);
        _statements = new SqliteStatements(_connection.Handle!);
    }

    public void Dispose()
    {
        _statements.Dispose();
        _connection.Dispose();
    }

    [Fact]
    public void A_commit_walks_only_the_rows_that_it_touches()
    {
        var rows = Thousands();
        var touched = rows.Find(new EndpointId("ep_7"))!;

        // A copy of all rows is 40 kB.
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var commit = 0; commit < Commits; commit++)
        {
            rows.Find(touched.Number)!.InGroup++;
            rows.EndGroup(committed: commit % 2 == 0, Sink);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.Equal(Commits / 2, touched.Waiting);
        Assert.All(rows.All.Where(row => row != touched), static row => Assert.Equal(0, row.Waiting));
    }

    [Fact]
    public void Events_that_are_live_are_looked_for_only_where_something_waits()
    {
        var rows = Thousands();
        var owed = rows.Find(new EndpointId("ep_7"))!;
        foreach (var (priority, sequence) in ((Priority, long)[])[(Priority.Low, 2), (Priority.Low, 9), (Priority.Critical, 4)])
        {
            _statements.InsertPending(owed.Number, priority, sequence);
            owed.InGroup++;
        }

        rows.EndGroup(committed: true, Sink);
        var steps = 0;
        raw.sqlite3_progress_handler(_connection.Handle, 1, _ => ++steps * 0, null);

        var live = Resolved.Live(new SqliteSql(_connection), [1, 2, 3, 4, 5]);

        Assert.Equal([2, 4], live.Order());
        Assert.InRange(steps, 1, 1_000);
    }

    [Fact]
    public void A_row_that_a_transaction_inserted_goes_with_it_when_it_fails()
    {
        var rows = new EndpointRows();
        var kept = rows.Get(new EndpointId("ep_1"), _statements).Number;
        rows.EndGroup(committed: true, Sink);

        var lost = rows.Get(new EndpointId("ep_2"), _statements).Number;
        rows.EndGroup(committed: false, Sink);

        Assert.NotNull(rows.Find(kept));
        Assert.Null(rows.Find(lost));
        Assert.Null(rows.Find(new EndpointId("ep_2")));
    }

    private EndpointRows Thousands()
    {
        var rows = new EndpointRows();
        for (var number = 0; number < Endpoints; number++)
        {
            rows.Get(new EndpointId($"ep_{number}"), _statements);
        }

        rows.EndGroup(committed: true, Sink);
        return rows;
    }
}
