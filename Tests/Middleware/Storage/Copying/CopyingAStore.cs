using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using Tests.Middleware.Crash;
using Tests.Middleware.Storage.AtRest;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Copying;

/// <summary>A service on SQLite, the copy of what it left, and a service on PostgreSQL that goes on with it.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class CopyingAStore
{
    private const int Events = 12;

    private static readonly string[] Settings = ["MAX_RETRIES=0", "REDELIVERY_SCHEDULE=1h", $"MASTER_KEY={TestKeys.Lines("k1")}", "ENCRYPT_PAYLOADS=true"];

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_history_is_the_same_and_all_that_was_owed_is_delivered_once()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var receiver = await RecordingReceiver.StartAsync(static context =>
        {
            context.Response.StatusCode = context.Request.Path.StartsWithSegments("/bad", StringComparison.Ordinal) ? 400 : 200;
            return Task.CompletedTask;
        });
        using var source = await RunningMiddleware.StartAsync(Settings);
        var client = source.Client;
        var (good, _) = await client.Register(Definition("good", receiver));
        var (bad, _) = await client.Register(Definition("bad", receiver));
        var (off, _) = await client.Register(Definition("off", receiver));
        await client.Do(off, "disable");
        var key = await client.Ask(HttpMethod.Post, "/api/v1/keys", HttpStatusCode.Created, """{"name":"a","scopes":["operate"]}""");
        var first = await PostWithKey(client);
        string[] ids = [(string)first["event_id"]!, .. await client.Accept(Events - 1)];
        await Waiting.Until(() => receiver.Of("good").All.Count == Events);
        await Waiting.Until(async () => (await client.Get("dead-letters?limit=100"))["items"]!.AsArray().Count == Events);
        await Waiting.Until(async () => await client.WaitingFor(good) == 0);
        using (var erased = await client.SendAsync(HttpMethod.Delete, $"/api/v1/events/{ids[^1]}"))
        {
            Assert.True(erased.IsSuccessStatusCode, $"{erased.StatusCode}");
        }

        var replay = await client.Ask(
            HttpMethod.Post, "/api/v1/replays", HttpStatusCode.Accepted, $$"""{"of":"events","filter":{},"endpoint_id":"{{good}}","rate_per_second":1}""");
        await Waiting.Until(() => receiver.Of("good").All.Count > Events);
        var before = await Views(client, ids, good, bad);
        Assert.Equal(0, await source.StopAsync());
        Assert.True(StoredFile.Number(source.Folder, "SELECT COUNT(*) FROM replays WHERE state = 0") == 1, "The replay is under way.");

        var (code, output, errors) = await CopyStage.Copy(source.Folder, database.ConnectionString());

        Assert.True(code == 0, output + errors);
        Assert.Contains($"events: {StoredFile.Number(source.Folder, "SELECT COUNT(*) FROM events")} rows, hash ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Password", output + errors, StringComparison.OrdinalIgnoreCase);
        await AssertAuditIsWhole(database);

        using var target = await RunningMiddleware.StartAsync([.. Settings, $"ConnectionStrings__events={database.ConnectionString()}"]);
        Assert.Equal(before, await Views(target.Client, ids, good, bad));
        Assert.Equal(first.ToJsonString(), (await PostWithKey(target.Client)).ToJsonString());
        Assert.Equal((string?)key["id"], (string?)(await target.Client.Get("keys"))["items"]!.AsArray().Single()!["id"]);

        await target.Client.Do(off, "enable");
        await Waiting.Until(async () => (string?)(await target.Client.Get($"replays/{(string)replay["id"]!}"))["state"] == "completed");
        await Waiting.Until(async () => await target.Client.WaitingFor(off) == 0);
        AssertEachCame(1, receiver.Of("off"), ids[..^1]);
        AssertEachCame(2, receiver.Of("good"), ids[..^1]);
        AssertEachCame(1, receiver.Of("bad"), ids[..^1]);

        // What comes now is above all that was copied.
        var last = await target.Client.Accept();
        await target.Client.LookWhenEnded(last);
        Assert.Equal(last, (string?)(await target.Client.Get("events?limit=1"))["items"]![0]!["event_id"]);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_batch_that_was_under_way_is_sent_again_as_it_was()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var receiver = await CountingReceiver.StartAsync();
        receiver.Hold();
        using var source = await RunningMiddleware.StartAsync("HTTP_TIMEOUT=1m");
        await source.Client.Register($$$"""{"name":"batched","url":"{{{receiver.Url("batched")}}}","batch":{"max_size":5,"max_wait":"1m"}}""");
        var ids = await source.Client.Accept(5);
        await Waiting.Until(() => receiver.Came >= 5 && StoredFile.Number(source.Folder, "SELECT COALESCE(SUM(length(deliveries)), 0) / 9 FROM batches") == 5);
        await source.Process.KillAsync();
        var kept = StoreSql.Texts(StoredFile.PathIn(source.Folder), "SELECT hex(id) FROM batches ORDER BY id");

        var (code, output, errors) = await CopyStage.Copy(source.Folder, database.ConnectionString());

        Assert.True(code == 0, output + errors);
        receiver.Release();
        using var target = await RunningMiddleware.StartAsync($"ConnectionStrings__events={database.ConnectionString()}");
        foreach (var id in ids)
        {
            var ended = await target.Client.LookWhenEnded(id);
            var batch = (string?)ended["attempts"]!.AsArray().Single()!["batch_id"];
            Assert.Contains(batch, kept, StringComparer.OrdinalIgnoreCase);
        }

        Assert.Empty(receiver.Duplicates);
    }

    /// <summary>An endpoint without the events of the platform itself.</summary>
    private static string Definition(string name, RecordingReceiver receiver) => $$$"""{"name":"{{{name}}}","url":"{{{receiver.Url(name)}}}","filter":{"sources":["tests","keyed"]}}""";

    private static async Task<JsonNode> PostWithKey(MiddlewareClient client)
    {
        using var answer = await client.PostAsync(ServiceRequests.Event("keyed"), "Idempotency-Key: once");
        return await MiddlewareClient.AcceptedAsync(answer);
    }

    /// <summary>All that a service shows and no delivery changes any more: all but those of the replay.</summary>
    private static async Task<string> Views(MiddlewareClient client, string[] ids, string replayed, string failed)
    {
        var views = new JsonArray();
        foreach (var id in ids)
        {
            var seen = await client.Look(id);
            seen.AsObject().Remove("status");
            foreach (var part in (string[])["deliveries", "attempts"])
            {
                seen[part]!.AsArray().RemoveAll(item => (string?)item!["endpoint_id"] == replayed);
            }

            views.Add(seen);
        }

        foreach (var path in (string[])["dead-letters?limit=100", "audit?limit=100", "keys"])
        {
            views.Add((await client.Get(path))["items"]!.DeepClone());
        }

        views.Add((await client.Get($"endpoints/{failed}"))["url"]!.DeepClone());
        return views.ToJsonString();
    }

    private static async Task AssertAuditIsWhole(PostgresDatabase database)
    {
        await using var connection = await database.Source.OpenConnectionAsync(Waiting.Cancellation);
        using var sql = new PostgresSql(() => connection);
        var keys = DataKeyRows.Read(sql, new global::Middleware.Storage.AtRest.EncryptionSettings(TestKeys.Master("k1"), Payloads: true), "here");
        var (_, rows, isKeyed, fault) = AuditRows.Verify(sql, keys, expected: null);
        Assert.Equal((true, null), (isKeyed, fault));
        Assert.True(rows > 3);
    }

    private static void AssertEachCame(int times, RecordedRequests requests, string[] ids) => Assert.Equal(
        ids.Order(StringComparer.Ordinal).Select(id => (id, times)),
        requests.All.SelectMany(static request => request.Events).CountBy(static id => id).Where(pair => ids.Contains(pair.Key))
            .Select(static pair => (pair.Key, pair.Value)).OrderBy(static pair => pair.Key, StringComparer.Ordinal));
}
