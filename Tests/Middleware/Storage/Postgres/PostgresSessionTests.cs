using System.Globalization;
using Middleware.Storage.Postgres;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

public sealed class PostgresSessionTests : IAsyncLifetime
{
    private PostgresDatabase _database = null!;
    private NpgsqlDataSource _source = null!;
    private NpgsqlMultiHostDataSource _sessions = null!;
    private PostgresSettings _settings = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await EmptyStore.CopyAsync();
        _settings = Made.Postgres(_database);
        (_source, _sessions) = (_settings.CreateSource(), _settings.CreateSessions());
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _sessions.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public void A_session_goes_on_with_the_stream_of_the_one_before_and_ends_that()
    {
        using var first = Open(before: null);
        using var second = Open(first);

        Assert.Equal(first.Clock.Stream, second.Clock.Stream);
        Assert.ThrowsAny<NpgsqlException>(() => first.Ping());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_session_whose_stream_another_replica_has_taken_takes_another()
    {
        using var first = Open(before: null);
        await _database.Server.TerminateAsync(first.Backend);
        using var other = Open(before: null);
        Assert.Equal(first.Clock.Stream, other.Clock.Stream);

        using var again = Open(first);

        Assert.NotEqual(first.Clock.Stream, again.Clock.Stream);
        Assert.True(other.Ping());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_new_replica_takes_a_stream_that_nobody_has_used_lately()
    {
        int used;
        using (var first = Open(before: null))
        {
            used = first.Clock.Stream;
        }

        await _database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO commits (stream, number) VALUES ({used}, 1)"));
        using var second = Open(before: null);

        Assert.NotEqual(used, second.Clock.Stream);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public void A_replica_that_leaves_is_no_member_again_by_another_session()
    {
        using var other = Open(before: null).Join();
        using var leaving = Open(before: null).Join();
        leaving.LeaveMembers();

        using var again = Open(leaving);

        Assert.Equal([other.Backend], other.ReadOwners().Members.Select(static member => member.Backend));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_member_is_one_by_its_next_session_too()
    {
        using var other = Open(before: null).Join();
        using var first = Open(before: null).Join();
        await _database.Server.TerminateAsync(first.Backend);

        using var again = Open(first);

        Assert.Equal([other.Backend, again.Backend], other.ReadOwners().Members.Select(static member => member.Backend));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("SELECT 1")]
    [InlineData("BEGIN")]
    public async Task A_start_may_be_silent_for_longer_than_a_member(string last)
    {
        _settings = _settings with { AdoptAfter = TimeSpan.FromMilliseconds(300) };
        using var starting = Open(before: null);
        using var member = Open(before: null).Join();
        foreach (var session in (PostgresSession[])[starting, member])
        {
            await using var command = new NpgsqlCommand(last, session.Connection);
            await command.ExecuteNonQueryAsync(Waiting.Cancellation);
        }

        await Waiting.Until(() => _database.ScalarAsync<bool>(string.Create(CultureInfo.InvariantCulture, $"SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = {member.Backend})")));

        Assert.Empty(starting.ReadOwners().Members);
        Assert.True(starting.Join().Ping());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_connection_that_broke_keeps_no_other_from_the_server()
    {
        await using var broken = await _source.OpenConnectionAsync(Waiting.Cancellation);
        await _database.Server.TerminateAsync(broken.ProcessID);
        await using var read = new NpgsqlCommand("SELECT 1", broken);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => read.ExecuteScalarAsync(Waiting.Cancellation));

        await using var other = await _source.OpenConnectionAsync(Waiting.Cancellation);

        Assert.Equal(System.Data.ConnectionState.Open, other.State);
    }

    private PostgresSession Open(PostgresSession? before) => PostgresSession.Open(_sessions, _settings, before, TimeProvider.System);
}
