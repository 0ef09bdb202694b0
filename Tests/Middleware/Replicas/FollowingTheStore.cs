using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Replicas;

/// <summary>Two stores on one database, of which one changes endpoints and the other follows.</summary>
[Trait("Store", "Any")]
public sealed class FollowingTheStore : IAsyncLifetime
{
    private static readonly WebhookEndpoint Endpoint = Made.Endpoint("pager");

    private PostgresDatabase _database = null!;
    private DurableStore _one = null!;
    private DurableStore _other = null!;
    private SqlEndpoints _changing = null!;
    private SqlEndpoints _following = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        (_one, _other) = (await new DurableStore { Database = _database }.Open("pager"), await new DurableStore { Database = _database }.Open("pager"));
        (_changing, _following) = (new SqlEndpoints(_one.Events), new SqlEndpoints(_other.Events));
        await _changing.LoadAsync();
        await _following.LoadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _changing.Dispose();
        _following.Dispose();
        _one.Dispose();
        _other.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_change_is_read_once()
    {
        Assert.Null(await _following.ReadChangesAsync(static () => []));
        await SaveAsync(1);

        var changes = await _following.ReadChangesAsync(static () => []);

        Assert.Equal((Endpoint.Id, 1), (Assert.Single(changes!.Set).Endpoint.Id, changes.Set[0].Version));
        Assert.Empty(changes.Removed);
        Assert.Null(await _following.ReadChangesAsync(static () => []));
        Assert.Null(await _changing.ReadChangesAsync(static () => []));
    }

    [Fact]
    public async Task A_change_is_refused_that_was_decided_without_one_of_another()
    {
        await SaveAsync(1);

        Assert.False(await _following.SaveAsync(Registered(2), Endpoint, Actor.Service));
        Assert.NotNull(await _following.ReadChangesAsync(static () => []));
        Assert.True(await _following.SaveAsync(Registered(2), Endpoint, Actor.Service));
        Assert.Equal(EndpointRemoval.VersionDiffers, await _changing.RemoveAsync(Endpoint.Id, 2, deadLetterWaiting: true, Actor.Service));
    }

    [Fact]
    public async Task An_event_that_was_accepted_after_a_deletion_elsewhere_becomes_a_dead_letter()
    {
        await SaveAsync(1);
        await _following.ReadChangesAsync(static () => []);
        await _changing.RemoveAsync(Endpoint.Id, 1, deadLetterWaiting: true, Actor.Service);
        await _changing.ClearAllDeletedAsync(100);

        await _other.Accept(3);
        Assert.Equal(Endpoint.Id, Assert.Single((await _following.ReadChangesAsync(static () => [Registered(1)]))!.Removed));
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT count(*) FROM pending"));
        Assert.Equal(3, await _database.ScalarAsync<long>("SELECT count(*) FROM dead_letters WHERE reason = 'endpoint_deleted'"));

        await _other.Accept(1);
        Assert.Equal(4, await _database.ScalarAsync<long>("SELECT count(*) FROM dead_letters WHERE reason = 'endpoint_deleted'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_replica_left_that_ended_before_it_knew_of_a_deletion_becomes_dead_letters(bool isHeld)
    {
        await SaveAsync(1);
        await _following.ReadChangesAsync(static () => []);
        await _other.Accept(1);
        Assert.Equal(0, await _changing.ClearLeftAsync(100));
        await _changing.RemoveAsync(Endpoint.Id, 1, deadLetterWaiting: true, Actor.Service);
        await _changing.ClearAllDeletedAsync(100);

        await _other.Accept(3);
        Assert.Equal(3, await _database.ScalarAsync<long>("SELECT count(*) FROM pending"));
        if (isHeld)
        {
            await _database.ExecuteAsync(
                "WITH moved AS (DELETE FROM pending RETURNING endpoint, seq) INSERT INTO held (endpoint, key_hash, seq, priority) SELECT endpoint, 1, seq, 4 FROM moved");
        }

        Assert.Equal((2, 1, 0), (await _changing.ClearLeftAsync(2), await _changing.ClearLeftAsync(2), await _changing.ClearLeftAsync(2)));
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM held)"));
        Assert.Equal(4, await _database.ScalarAsync<long>("SELECT count(*) FROM dead_letters WHERE reason = 'endpoint_deleted'"));
    }

    [Fact]
    public async Task An_endpoint_that_is_registered_anew_takes_events_again()
    {
        await SaveAsync(1);
        await _changing.RemoveAsync(Endpoint.Id, 1, deadLetterWaiting: true, Actor.Service);
        await _following.ReadChangesAsync(static () => [Registered(1)]);
        await _changing.ClearAllDeletedAsync(100);

        await SaveAsync(1);
        Assert.Single((await _following.ReadChangesAsync(static () => []))!.Set);
        await _other.Accept(1);

        Assert.Equal(1, await _database.ScalarAsync<long>("SELECT count(*) FROM pending"));
    }

    [Fact]
    public async Task Failures_before_a_change_elsewhere_count_no_more()
    {
        await SaveAsync(1);
        await _following.ReadChangesAsync(static () => []);
        await _other.Accept(1);
        await _other.Answer(503, "pager");
        Assert.NotNull(_following.FailingSince(Endpoint.Id));

        Assert.True(await _changing.SaveAsync(Registered(2), Endpoint, Actor.Service));
        await _following.ReadChangesAsync(static () => [Registered(1)]);

        Assert.Null(_following.FailingSince(Endpoint.Id));
        Assert.True(await _database.ScalarAsync<bool>("SELECT failing_since IS NULL FROM endpoints"));
    }

    [Fact]
    public async Task Failures_after_a_change_elsewhere_count_also_where_the_change_is_learnt_later()
    {
        await SaveAsync(1);
        await _following.ReadChangesAsync(static () => []);
        await _other.Accept(1);
        await _other.Answer(503, "pager");
        Assert.True(await _changing.SaveAsync(Registered(2), Endpoint, Actor.Service));
        Assert.True(await _database.ScalarAsync<bool>("SELECT failing_since IS NULL FROM endpoints"));

        // The lane is served by a third one, which knows the change.
        await _database.ExecuteAsync("UPDATE endpoints SET failing_since = 7");
        await _following.ReadChangesAsync(static () => [Registered(1)]);

        Assert.Equal(7, await _database.ScalarAsync<long>("SELECT failing_since FROM endpoints"));
    }

    [Fact]
    public async Task A_definition_that_cannot_be_read_here_leaves_the_others()
    {
        await SaveAsync(1);
        await _changing.SaveAsync(Registered(1) with { Endpoint = Made.Endpoint("other") }, before: null, Actor.Service);
        await _database.ExecuteAsync("UPDATE registrations SET definition = 'x' WHERE endpoint = (SELECT no FROM endpoints WHERE id = 'pager') RETURNING 1");

        var changes = await _following.ReadChangesAsync(static () => []);

        Assert.Equal("other", Assert.Single(changes!.Set).Endpoint.Id.Value);
        Assert.Equal("pager", Assert.Single(changes.Unreadable).Id.Value);
    }

    private static RegisteredEndpoint Registered(long version) => Made.Registered(Endpoint, version);

    private async Task SaveAsync(long version) => Assert.True(await _changing.SaveAsync(Registered(version), before: null, Actor.Service));
}
