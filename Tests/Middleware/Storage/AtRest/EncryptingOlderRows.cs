using Tests.Middleware.Crash;

namespace Tests.Middleware.Storage.AtRest;

/// <summary>A store of before gets a master key.</summary>
[Trait("Store", "Any")]
public sealed class EncryptingOlderRows
{
    private const string Plain =
        """
        SELECT (SELECT COUNT(*) FROM events WHERE substr(payload, 1, 1) <> x'02') + (SELECT COUNT(*) FROM attempts WHERE response IS NOT NULL)
            + (SELECT COUNT(*) FROM idempotency WHERE substr(answer, 1, 1) <> x'02')
        """;

    private const string PlainSecrets = "SELECT COUNT(*) FROM registrations WHERE substr(CAST(definition AS BLOB), 1, 1) = CAST('{' AS BLOB)";

    [Fact]
    public async Task Secrets_are_encrypted_before_it_is_ready_and_payloads_after()
    {
        await using var service = new MiddlewareService();
        var secret = (string)(await service.Create("""{"name":"pager","url":"https://pager.test/","headers":{"X-Key":"canary-header"}}"""))["secret"]!;
        service.Receiver.Answer = static _ => Made.Attempt(200) with { Response = "canary-response"u8.ToArray() };
        var id = await service.Accept(message: "canary-payload");
        await service.UntilStatus(id, "delivered");
        using var first = await service.PostEvent(ServiceRequests.Valid, "Idempotency-Key: k");
        await service.Recorded();

        service.Settings = TestKeys.All("k1");
        await service.Restart();
        Assert.NotEmpty(service.Endpoints.All);
        Assert.Empty(Canary.In(service, "canary-header", secret));

        await service.Passing(() => Task.FromResult(StoreSql.Number(service.DatabasePath, Plain) == 0));
        await service.Passing(() => Task.FromResult(Canary.In(service, "canary-payload", "canary-response").Count == 0));
        var shown = await service.Get($"/api/v1/events/{id}");
        Assert.Equal("canary-payload", (string?)shown["payload"]!["message"]);
        Assert.Equal("canary-response", (string?)shown["attempts"]![0]!["response"]);
        using var again = await service.PostEvent(ServiceRequests.Valid, "Idempotency-Key: k");
        Assert.Equal(await first.Content.ReadAsStringAsync(Waiting.Cancellation), await again.Content.ReadAsStringAsync(Waiting.Cancellation));
        Assert.Single(service.Log.Of("the rows of before ENCRYPT_PAYLOADS are encrypted"));
    }

    [Fact]
    public async Task What_was_written_while_payloads_were_plain_is_encrypted_later()
    {
        await using var service = new MiddlewareService(TestKeys.All("k1"));
        var one = await service.AcceptAnswered(200);
        service.Settings = [("MASTER_KEY", TestKeys.Lines("k1"))];
        await service.Restart();
        var two = await service.AcceptAnswered(200);
        Assert.Equal(2, StoreSql.Number(service.DatabasePath, Plain));

        service.Settings = TestKeys.All("k1");
        await service.Restart();
        Assert.NotEmpty(service.Endpoints.All);
        await service.Passing(() => Task.FromResult(StoreSql.Number(service.DatabasePath, Plain) == 0));

        foreach (var id in new[] { one, two })
        {
            Assert.Equal("m", (string?)(await service.Get($"/api/v1/events/{id}"))["payload"]!["message"]);
        }
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    [RunsNatively]
    [Trait("Speed", "Slow")]
    public async Task A_kill_in_the_middle_loses_nothing_and_the_next_start_goes_on()
    {
        const int Endpoints = 3_000;
        await using var stage = await CrashStage.SetAsync();
        IReadOnlyCollection<string> accepted;
        using (var service = await stage.StartAsync())
        {
            using var client = new MiddlewareClient(service.Address);
            await client.Register("""{"name":"pager","url":"https://pager.example/","headers":{"X-Key":"canary-header"},"filter":{"sources":["no"]}}""");
            using var load = new EventLoad(service.Address);
            await load.SendAsync(4_000, fill: 400);
            accepted = load.Accepted;
            await Waiting.WithinTheTest(() => StoredFile.Number(stage.Folder, "SELECT COUNT(*) FROM pending") == 0);
            await service.KillAsync();
        }

        Repeat(stage.Folder, Endpoints);
        string[] settings = [$"MASTER_KEY={TestKeys.Lines("k1")}", "ENCRYPT_PAYLOADS=true"];
        await KillWhen(PlainSecrets, Endpoints);
        await KillWhen(Plain, StoredFile.Number(stage.Folder, Plain));
        await KillWhen(Plain, StoredFile.Number(stage.Folder, Plain));

        using var last = await stage.StartAsync(settings);
        Assert.Equal(0, StoredFile.Number(stage.Folder, PlainSecrets));
        Assert.Empty(Canary.In(stage.Folder, "canary-header"));
        await Waiting.WithinTheTest(() => StoredFile.Number(stage.Folder, Plain) == 0);
        await Waiting.WithinTheTest(() => Canary.In(stage.Folder, "crash-tests\",\"event_type").Count == 0);
        using var reader = new MiddlewareClient(last.Address);
        Assert.Equal(1 + Endpoints, await Total(reader, "endpoints?limit=1000"));
        Assert.Equal(accepted.Count, await Total(reader, "events?limit=1000&q=ffffffff"));
        Assert.Equal(0, await last.StopAsync());
        StoredFile.Read(stage.Folder).AssertAllEnded(accepted);

        async Task KillWhen(string count, long before)
        {
            using var process = stage.Begin(settings);
            using var connection = StoreSql.Open(StoredFile.PathIn(stage.Folder));
            await Waiting.WithinTheTest(() => StoreSql.Number(connection, count) < before);
            await process.KillAsync();
            CrashStage.Say($"killed with {StoreSql.Number(connection, count)} of {before} left plain");
        }
    }

    /// <summary>Has the one registered endpoint so many times.</summary>
    private static void Repeat(string folder, int times)
    {
        const string Numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {0})";
        var numbers = Numbers.Replace("{0}", $"{times - 1}", StringComparison.Ordinal);
        StoredFile.Execute(folder, $"{numbers} INSERT INTO endpoints (id) SELECT 'ep_0000000000000000000000' || substr(CAST(10000000000 + n AS TEXT), 2) FROM numbers");
        StoredFile.Execute(
            folder,
            """
            INSERT INTO registrations SELECT n.no, r.version, r.definition, r.created_at, r.changed_at, 0
            FROM registrations r, endpoints n WHERE r.endpoint = (SELECT MAX(endpoint) FROM registrations) AND n.id LIKE 'ep\_00000%' ESCAPE '\'
            """);
    }

    private static async Task<int> Total(MiddlewareClient client, string path)
    {
        var (total, cursor) = (0, "");
        do
        {
            var page = await client.Get(path + cursor);
            total += page["items"]!.AsArray().Count;
            cursor = page["next_cursor"] is JsonValue next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        return total;
    }
}
