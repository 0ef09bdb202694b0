using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;
using SQLitePCL;

namespace Tests.Middleware.Storage.Sqlite;

[Trait("Store", "Any")]
public sealed class DeletingEndpoints : OnAStage
{
    private static readonly EndpointId Id = new("ep_1");

    private SqlEndpoints Endpoints { get; set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        // Nobody serves ep_1: what is accepted for it waits.
        await OpenAsync();
        Assert.True(await Endpoints.SaveAsync(Registered(version: 1), before: null, Actor.Service));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task A_deletion_that_was_cut_off_goes_on_after_the_next_start()
    {
        await Stage.AcceptAsync(25, Id.Value);
        Assert.Equal(EndpointRemoval.Removed, await Endpoints.RemoveAsync(Id, 1, deadLetterWaiting: true, Actor.Service));
        Assert.Equal(new EndpointClearing(Id, 10, IsLast: false), await Endpoints.ClearDeletedAsync(limit: 10));
        Assert.Equal((15, 10), (Stage.Number("SELECT COUNT(*) FROM pending"), Stage.Number("SELECT COUNT(*) FROM dead_letters")));

        await Stage.CloseAsync();
        await OpenAsync();

        Assert.Empty(await Endpoints.LoadAsync());
        Assert.Equal(15, Stage.Store.Waiting(Id));
        Assert.Equal(15, Stage.Store.Clearing);
        var endpoints = Endpoints;
        while (await endpoints.ClearDeletedAsync(limit: 10) is not null)
        {
            Assert.InRange(Stage.Number("SELECT COUNT(*) FROM registrations"), 0, 1);
        }

        Assert.Equal(0, Stage.Store.Waiting(Id));
        Assert.Equal(25, Stage.Number("SELECT COUNT(*) FROM dead_letters WHERE reason = 'endpoint_deleted' AND next_retry_at IS NULL"));
        Assert.Equal(0, Stage.Number("SELECT COUNT(*) FROM pending"));
        Assert.Equal(0, Stage.Number("SELECT COUNT(*) FROM registrations"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    [Trait("Store", "Sqlite")]
    public async Task A_deletion_goes_on_after_a_step_that_could_not_be_written()
    {
        await Stage.AcceptAsync(5, Id.Value);
        var endpoints = Endpoints;
        Assert.Equal(EndpointRemoval.Removed, await endpoints.RemoveAsync(Id, 1, deadLetterWaiting: true, Actor.Service));
        var aside = Path.Combine(Stage.Folder, "aside.db");
        File.Move(Stage.Database, aside);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => endpoints.ClearDeletedAsync(limit: 10));

        File.Move(aside, Stage.Database);
        await Waiting.WithinTheTest(() => Stage.Store.Failure is null);

        Assert.Equal(new EndpointClearing(Id, 5, IsLast: false), await endpoints.ClearDeletedAsync(limit: 10));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    [Trait("Store", "Sqlite")]
    public async Task A_deletion_looks_at_no_dead_letter_that_rests_for_good()
    {
        Dead(count: 20_000, endpoint: 99, nextRetryAt: "NULL");
        var endpoints = Endpoints;
        Assert.Equal(EndpointRemoval.Removed, await endpoints.RemoveAsync(Id, 1, deadLetterWaiting: false, Actor.Service));

        var steps = 0;
        raw.sqlite3_progress_handler(Stage.Writer.Handle, 1, _ => ++steps * 0, null);
        await endpoints.ClearAllDeletedAsync(10);

        Assert.InRange(steps, 1, 2_000);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task The_dead_letters_of_a_deleted_endpoint_are_not_tried_again_and_a_step_looks_at_few()
    {
        await Stage.AcceptAsync(Id.Value);
        var number = (int)Stage.Number($"SELECT no FROM endpoints WHERE id = '{Id}'");
        foreach (var planned in (string[])["7", "i / 3", "-i", "NULL"])
        {
            Dead(count: 3_000, number, planned);
            Dead(count: 3_000, endpoint: 99, planned);
        }

        // What a damaged file may hold comes after all numbers.
        Dead(count: 1, number, StoreFolder.IsPostgres ? "9223372036854775807" : "'soon'");
        var endpoints = Endpoints;
        Assert.Equal(EndpointRemoval.Removed, await endpoints.RemoveAsync(Id, 1, deadLetterWaiting: true, Actor.Service));

        var (left, steps) = (Planned(number), 0);
        while (await endpoints.ClearDeletedAsync(limit: 10) is not null)
        {
            Assert.InRange(Planned(number), left - 2_000, left);
            (left, steps) = (Planned(number), steps + 1);
        }

        Assert.Equal((0, 9_000), (Planned(number), Planned(99)));
        Assert.InRange(steps, 9, 15);
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task An_event_that_was_decided_before_the_deletion_and_kept_after_it_is_a_dead_letter()
    {
        Assert.Equal(EndpointRemoval.Removed, await Endpoints.RemoveAsync(Id, 1, deadLetterWaiting: false, Actor.Service));

        await Stage.AcceptAsync(Id.Value);

        Assert.Equal(0, Stage.Store.Waiting(Id));
        Assert.Equal(1, Stage.Number("SELECT COUNT(*) FROM dead_letters WHERE reason = 'endpoint_deleted'"));
    }

    [Fact(Timeout = StoreStage.TestLimit)]
    public async Task One_with_another_version_or_with_something_waiting_stays_as_it_is()
    {
        Assert.True(await Endpoints.SaveAsync(Registered(version: 2), before: null, Actor.Service));
        Assert.False(await Endpoints.SaveAsync(Registered(version: 2), before: null, Actor.Service));
        Assert.False(await Endpoints.SaveAsync(Registered(version: 1), before: null, Actor.Service));
        Assert.Equal(EndpointRemoval.VersionDiffers, await Endpoints.RemoveAsync(Id, 1, deadLetterWaiting: true, Actor.Service));

        await Stage.AcceptAsync(Id.Value);
        Assert.Equal(EndpointRemoval.HasWaiting, await Endpoints.RemoveAsync(Id, 2, deadLetterWaiting: false, Actor.Service));

        Assert.Equal(2, Assert.Single(await Endpoints.LoadAsync()).Version);
        await Stage.AcceptAsync(Id.Value);
        Assert.Equal(2, Stage.Store.Waiting(Id));
    }

    private async Task OpenAsync()
    {
        await Stage.OpenAsync();
        Endpoints = new SqlEndpoints(Stage.Store);
        await Endpoints.LoadAsync();
    }

    private void Dead(int count, int endpoint, string nextRetryAt) => Stage.Execute(
        $"""
        WITH RECURSIVE made (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM made WHERE i < {count})
        INSERT INTO dead_letters (event, endpoint, state, reason, failures, first_dead_at, dead_at, next_retry_at)
        SELECT i + (SELECT COUNT(*) FROM dead_letters), {endpoint}, i % 2, 'http_500', 1, 0, 0, {nextRetryAt} FROM made
        """);

    private long Planned(long endpoint) => Stage.Number($"SELECT COUNT(*) FROM dead_letters WHERE endpoint = {endpoint} AND next_retry_at IS NOT NULL");

    private static RegisteredEndpoint Registered(long version) => Made.Registered(StoreStage.Endpoint(Id.Value), version);
}
