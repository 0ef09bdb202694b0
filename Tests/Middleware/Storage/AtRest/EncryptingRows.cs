using System.Text;
using Middleware.Events;
using Middleware.Storage.AtRest;
using Middleware.Storage.Sql;
using ServiceDefaults;

namespace Tests.Middleware.Storage.AtRest;

/// <summary>A service with a master key: what is in its files, and what it reads of them.</summary>
[Trait("Store", "Any")]
public sealed class EncryptingRows() : OnAService(new MiddlewareService(TestKeys.All("k1")))
{
    private const string Batch = "/integrations/events/batch";

    [Fact]
    public async Task With_payloads_no_canary_is_in_any_file_and_each_is_shown()
    {
        var secret = await Endpoint(Service);
        Service.Receiver.Answer = static _ => Made.Attempt(200) with { Response = "canary-response"u8.ToArray() };

        var id = await Service.Accept(message: "canary-payload");
        await Service.UntilStatus(id, "delivered");

        Assert.Empty(Canary.In(Service, "canary-payload", "canary-response", "canary-header", secret, TestKeys.Base64("k1")));
        var shown = await Service.Get($"/api/v1/events/{id}");
        Assert.Equal("canary-payload", (string?)shown["payload"]!["message"]);
        Assert.All(shown["attempts"]!.AsArray(), static attempt => Assert.Equal("canary-response", (string?)attempt!["response"]));
        Assert.Equal(2, shown["attempts"]!.AsArray().Count);
        Assert.Equal(id, (string?)Assert.Single((await Service.Get("/api/v1/events?q=CANARY-pay"))["items"]!.AsArray())!["event_id"]);
        Assert.Empty((await Service.Get("/api/v1/events?q=canary-other"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Without_payloads_only_secrets_are_encrypted()
    {
        await using var service = new MiddlewareService(("MASTER_KEY", TestKeys.Lines("k1")));
        var secret = await Endpoint(service);

        await service.Accept(message: "canary-payload");
        await service.Recorded();

        Assert.Equal(["canary-payload"], Canary.In(service, "canary-payload", "canary-header", secret).Distinct());
    }

    [Fact]
    public async Task Endpoints_and_pending_events_are_read_back_after_a_restart()
    {
        await Endpoint(Service);
        Service.Receiver.Hold();
        var id = await Service.Accept(message: "canary-payload");

        await RestartHolding(Service);
        await Service.UntilStatus(id, "delivered");

        Assert.Equal(["default", "pager"], Service.Receiver.Sent.Select(static sent => sent.EndpointId.Value == "default" ? "default" : "pager").Order());
        Assert.All(Service.Receiver.Sent, static sent => Assert.Contains("\"message\":\"canary-payload\"", Encoding.UTF8.GetString(sent.Event.Payload.Span), StringComparison.Ordinal));
        var endpoint = Service.Endpoints.All.Single(static endpoint => endpoint.Id != EndpointId.Default);
        Assert.Equal("canary-header", endpoint.Headers.All.Single().Value);
        Assert.NotNull(endpoint.Secrets);
    }

    [Fact]
    public async Task A_key_of_idempotency_is_answered_once_whatever_is_encrypted()
    {
        await using var service = new MiddlewareService([.. TestKeys.All("k1"), ("QUEUE_SIZE", "1"), ("WORKER_COUNT", "1")]);
        service.Receiver.Hold();

        // The second event finds the queue full: the answer is another than was prepared.
        var mixed = $"[{ServiceRequests.Event("a")},{ServiceRequests.Event("b")}]";
        using var first = await service.Post(Batch, mixed, "Idempotency-Key: mixed");
        Assert.Equal(1, StoreSql.Number(service.DatabasePath, "SELECT COUNT(*) FROM idempotency WHERE substr(answer, 1, 1) = x'02'"));
        await RestartHolding(service);
        using var again = await service.Post(Batch, mixed, "Idempotency-Key: mixed");

        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(await first.Content.ReadAsStringAsync(Waiting.Cancellation), await again.Content.ReadAsStringAsync(Waiting.Cancellation));

        await service.Recorded();
        using var single = await service.PostEvent(ServiceRequests.Event("c"), "Idempotency-Key: single");
        using var repeated = await service.PostEvent(ServiceRequests.Event("c"), "Idempotency-Key: single");
        Assert.Equal("true", Assert.Single(repeated.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(await single.Content.ReadAsStringAsync(Waiting.Cancellation), await repeated.Content.ReadAsStringAsync(Waiting.Cancellation));
        Assert.Equal(0, StoreSql.Number(service.DatabasePath, "SELECT COUNT(*) FROM idempotency WHERE substr(answer, 1, 1) <> x'02'"));
    }

    [Fact]
    public async Task An_event_with_another_s_payload_is_a_dead_letter()
    {
        Service.Receiver.Hold();
        var (one, two) = (await Service.Accept(message: "one"), await Service.Accept(message: "two"));

        await RestartHolding(Service, () => Swap(Service.DatabasePath, "events", "payload"));
        await Service.UntilStatus(one, "dead_letter");
        await Service.UntilStatus(two, "dead_letter");

        Assert.Empty(Service.Receiver.Sent);
        var shown = await Service.Get($"/api/v1/events/{one}");
        Assert.Equal(("unreadable", null), ((string?)shown["deliveries"]![0]!["reason"], shown["payload"]));
    }

    [Fact]
    public async Task An_attempt_with_another_s_response_shows_none_and_an_answer_of_another_key_is_503()
    {
        using var first = await Service.PostEvent(ServiceRequests.Event("a"), "Idempotency-Key: one");
        using var second = await Service.PostEvent(ServiceRequests.Event("a"), "Idempotency-Key: two");
        await Service.Recorded();
        var id = (string)JsonNode.Parse(await first.Content.ReadAsStringAsync(Waiting.Cancellation))!["event_id"]!;
        Assert.NotNull((await Service.Get($"/api/v1/events/{id}"))["attempts"]![0]!["response"]);

        await Service.Restart(() =>
        {
            Swap(Service.DatabasePath, "attempts", "sealed");
            Swap(Service.DatabasePath, "idempotency", "answer");
        });

        Assert.Null((await Service.Get($"/api/v1/events/{id}"))["attempts"]![0]!["response"]);
        await Service.PostEvent(ServiceRequests.Event("a"), "Idempotency-Key: one").HasStatus(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task An_endpoint_with_another_s_definition_refuses_the_start()
    {
        using var folder = new StoreFolder();
        var settings = Made.Settings(folder.Path) with { Encryption = new EncryptionSettings(TestKeys.Master("k1"), Payloads: false) };
        using (var store = Made.Store(settings, new TestClock(), Made.Metrics()))
        {
            await store.OpenAsync(new RecordingSink(), Waiting.Cancellation);
            using var endpoints = new SqlEndpoints(store);
            foreach (var id in new[] { "one", "two" })
            {
                await endpoints.SaveAsync(Made.Registered(Made.Endpoint(id)), before: null, Actor.Service);
            }
        }

        Swap(Path.Combine(folder.Path, "events.db"), "registrations", "definition");

        using var swapped = Made.Store(settings, new TestClock(), Made.Metrics());
        await swapped.OpenAsync(new RecordingSink(), Waiting.Cancellation);
        var refusal = await Assert.ThrowsAsync<StartRefusedException>(() => new SqlEndpoints(swapped).LoadAsync());
        Assert.Equal($"{(StoreFolder.IsPostgres ? "ConnectionStrings__events" : "DATA_DIR")}: the endpoint one cannot be read from the store: its definition cannot be decrypted", refusal.Message);
    }

    private static async Task<string> Endpoint(MiddlewareService service) => (string)(await service.Create(
        """{"name":"pager","url":"https://pager.test/","headers":{"X-Key":"canary-header"}}"""))["secret"]!;

    /// <summary>Restarts a service whose receiver holds a delivery: the time for its stop passes.</summary>
    private static async Task RestartHolding(MiddlewareService service, Action? meanwhile = null)
    {
        var (restarting, clock) = (service.Restart(meanwhile), service.Clock);
        while (!restarting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await restarting;
    }

    /// <summary>Gives each row the ciphertext of another.</summary>
    private static void Swap(string database, string table, string column) => StoreSql.Execute(
        database,
        $"""
        CREATE TEMP TABLE swapped AS SELECT one.{column} own, (SELECT two.{column} FROM {table} two WHERE two.{column} <> one.{column} LIMIT 1) other FROM {table} one;
        UPDATE {table} SET {column} = (SELECT other FROM swapped WHERE own = {column})
        """);
}
