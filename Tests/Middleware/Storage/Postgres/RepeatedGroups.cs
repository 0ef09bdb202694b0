using Middleware.Audit;
using Middleware.Events;
using Middleware.Storage.Sql;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Transactions that the server ends because of those of other replicas.</summary>
public sealed class RepeatedGroups() : OnADurableStore("default")
{
    private PostgresDatabase Database => Store.Database!;

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_group_that_loses_a_deadlock_is_written_again_while_its_senders_wait()
    {
        await using var other = await Database.Source.OpenConnectionAsync(Waiting.Cancellation);
        var hasSecond = new TaskCompletionSource();
        var tries = 0;
        using var held = await HeldWriter.OfAsync(Store.Events);
        var accepted = Store.Accept(1);
        var change = Store.Events.ChangeAsync(transaction =>
        {
            tries++;
            Lock(transaction, 2);
            if (hasSecond.TrySetResult())
            {
                // The one that begins to wait last finds the deadlock, at once or never.
                while (!Database.IsAnyoneWaiting())
                {
                    Waiting.Cancellation.ThrowIfCancellationRequested();
                }
            }

            Lock(transaction, 1);
            return true;
        });

        await ExecuteAsync(other, "SET deadlock_timeout = '10min'; BEGIN; SELECT pg_advisory_xact_lock(1)");
        held.GoOn();
        await hasSecond.Task.InTime();
        await ExecuteAsync(other, "SELECT pg_advisory_xact_lock(2)");
        await ExecuteAsync(other, "COMMIT");

        await held.EndAsync();
        Assert.True(await change.InTime());
        Assert.Equal(2, tries);
        Assert.Equal(Assert.Single(await accepted).Id, Assert.Single(await Store.Pending("default", Priority.Low)).Event.Id);
        Assert.Null(Store.Events.Failure);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_group_that_fails_as_its_session_ends_is_counted_once()
    {
        using var held = await HeldWriter.OfAsync(Store.Events);
        var accepted = Store.Accept(1);
        var change = Store.Events.ChangeAsync(Database.FailOnce(endsSession: true));
        held.GoOn();

        await held.EndAsync();
        Assert.True(await change.InTime());
        Assert.Single(await accepted);
        Assert.Equal(1, Store.Events.Waiting(new EndpointId("default")));
        Assert.Null(Store.Events.Failure);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(GroupWriter.MostRepeats, true)]
    [InlineData(int.MaxValue, false)]
    public async Task An_error_that_passes_is_no_refusal_unless_it_comes_again_and_again(int failures, bool isWritten)
    {
        var tries = 0;
        var change = Store.Events.ChangeAsync(transaction =>
        {
            if (++tries <= failures)
            {
                using var fail = transaction.Connection.Prepare(EndedTransactions.Fail);
                fail.Run();
            }

            return tries;
        });

        if (isWritten)
        {
            Assert.Equal(1 + failures, await change.InTime());
        }
        else
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => change.InTime());
            Assert.Equal(1 + GroupWriter.MostRepeats, tries);
        }
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_audit_log_is_locked_before_any_row()
    {
        using var held = await HeldWriter.OfAsync(Store.Events);
        var other = Store.Events.ChangeAsync(static transaction =>
        {
            using var find = transaction.Connection.Prepare(
                "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objid::bigint = hashtext('aspire-integration.audit')::bigint & 4294967295");
            return find.Scalar();
        });
        var audited = Store.Events.ChangeAsync(Actor.Service, static _ => (true, (AuditedChange?)null));
        held.GoOn();

        await held.EndAsync();
        Assert.Equal(1, await other.InTime());
        Assert.True(await audited.InTime());
    }

    private protected override async Task<PostgresDatabase?> CreateDatabaseAsync() => await EmptyStore.CopyAsync();

    private static void Lock(WriteTransaction transaction, int number)
    {
        using var take = transaction.Connection.Prepare("SELECT pg_advisory_xact_lock(?1)");
        take.Bind(1, (long)number).Run();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Waiting.Cancellation).InTime();
    }
}
