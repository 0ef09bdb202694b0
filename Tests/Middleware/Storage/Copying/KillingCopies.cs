using Tests.Middleware.Crash;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Copying;

/// <summary>Copies that end in between, and databases that take none.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class KillingCopies : InAFolder
{
    private const int Events = 40_000;

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_copy_that_was_killed_again_and_again_goes_on_and_copies_nothing_twice()
    {
        await Fill(Events);
        await using var database = await PostgresDatabase.CreateAsync();
        var copied = 0L;
        for (var round = 1; round <= 3; round++)
        {
            copied = await KillWhenMoreThan(copied, database);
            CrashStage.Say($"round {round}: {copied} rows are copied");
        }

        // No service starts on a part of a store.
        using (var service = ServiceProcess.Begin("Middleware.Api", $"ConnectionStrings__events={database.ConnectionString()}"))
        {
            Assert.Equal(1, await service.ExitCodeAsync());
            Assert.Contains("holds an unfinished copy of a store", string.Join('\n', service.Errors), StringComparison.Ordinal);
        }

        var (code, output, errors) = await CopyStage.Copy(Folder.Path, database.ConnectionString());
        Assert.True(code == 0, output + errors);
        Assert.Equal(Events, await database.ScalarAsync<long>("SELECT COUNT(*) FROM events"));
        Assert.Equal(Events, await database.ScalarAsync<long>("SELECT COUNT(*) FROM pending p JOIN events e ON e.seq = p.seq"));
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT COUNT(DISTINCT tableoid) FROM events"));

        // A whole copy is a store like any other.
        Assert.Equal(
            (1, $"ConnectionStrings__events: \"127.0.0.1/{database.Name}\" is not empty: it has \"attempts\". Copy into an empty database; this one stays as it is."),
            await Refusal(database.ConnectionString()));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_row_that_differs_is_named_and_no_service_starts_on_the_copy()
    {
        await Fill(20_000);
        await using var database = await PostgresDatabase.CreateAsync();
        await KillWhenMoreThan(0, database);
        await database.ExecuteAsync("UPDATE events SET source = 'another' WHERE seq = (SELECT seq FROM events ORDER BY seq OFFSET 6 LIMIT 1)");

        var (code, text) = await Refusal(database.ConnectionString());
        Assert.Equal(1, code);
        Assert.Contains("is not the source: of events, row 7 (seq 7) is another one. No service starts on it.", text, StringComparison.Ordinal);
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('store_copy') IS NOT NULL"));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_database_with_anything_else_is_refused_and_stays_as_it_is()
    {
        await Fill(1);
        await using var database = await PostgresDatabase.CreateAsync();
        await database.ExecuteAsync("CREATE TABLE mine (a INT)");
        await database.ExecuteAsync("INSERT INTO mine VALUES (5)");

        Assert.Equal(
            (1, $"ConnectionStrings__events: \"127.0.0.1/{database.Name}\" is not empty: it has \"mine\". Copy into an empty database; this one stays as it is."),
            await Refusal(database.ConnectionString()));
        Assert.Equal(5, await database.ScalarAsync<int>("SELECT a FROM mine"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task An_unfinished_copy_of_another_store_is_refused()
    {
        await Fill(20_000);
        await using var database = await PostgresDatabase.CreateAsync();
        await KillWhenMoreThan(0, database);
        StoredFile.Execute(Folder.Path, "DELETE FROM pending WHERE seq = 5");

        var (code, text) = await Refusal(database.ConnectionString());
        Assert.Equal(1, code);
        Assert.Contains("holds an unfinished copy of another store, or of this one before it was used again.", text, StringComparison.Ordinal);
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_store_that_a_service_has_is_refused()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var service = await RunningMiddleware.StartAsync();

        var (code, _, errors) = await CopyStage.Copy(service.Folder, database.ConnectionString());

        Assert.Equal(1, code);
        Assert.StartsWith($"DATA_DIR: the store in \"{service.Folder}\" is in use by another process.", errors, StringComparison.Ordinal);
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_password_is_never_printed()
    {
        await Fill(1);
        const string Connection = "Host=127.0.0.1;Port=2;Username=u;Password=canary";

        foreach (var words in (string[][])[[$"--to={Connection}"], ["--to", Connection], [$"--too={Connection}"], [Connection], ["--to", "Host=a", Connection], ["--to", "canary"], ["--to", Connection, "--to", Connection]])
        {
            var (code, output, errors) = await CopyStage.Copy(Folder.Path, null, words);
            Assert.NotEqual(0, code);
            Assert.DoesNotContain("canary", output + errors, StringComparison.Ordinal);
        }
    }

    /// <summary>Kills a copy when more rows are copied than before, and gives how many are.</summary>
    private async Task<long> KillWhenMoreThan(long before, PostgresDatabase database)
    {
        using var command = CopyStage.Begin(Folder.Path, database.ConnectionString());
        await Waiting.SeeAsync(() => Copied(database), rows => rows > before, "more is copied");
        await command.KillAsync();
        return await Copied(database);
    }

    private static async Task<long> Copied(PostgresDatabase database) =>
        await database.ScalarAsync<bool>("SELECT to_regclass('store_copy_rows') IS NOT NULL")
            ? await database.ScalarAsync<long>("SELECT COALESCE((SELECT rows FROM store_copy_rows WHERE name = 'events'), 0)")
            : 0;

    private async Task<(int Code, string Text)> Refusal(string connection)
    {
        var (code, output, errors) = await CopyStage.Copy(Folder.Path, connection);
        Assert.Equal("", output);
        return (code, errors.Split('\n')[^1]);
    }

    /// <summary>Leaves a store with events of three days, each pending.</summary>
    private Task Fill(int events) => CopyStage.Fill(Folder.Path, events, payloadBytes: 100);
}
