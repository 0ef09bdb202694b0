using Middleware.Events;
using Middleware.Replays;
using Tests.Middleware.Callers;

namespace Tests.Middleware.Replays;

/// <summary>Replays to endpoints that the events never matched, which are the admin's.</summary>
public sealed class ReachingOtherEndpoints : IAsyncDisposable
{
    private const string Replays = "/api/v1/replays";

    private readonly KeyedService _keyed = new();

    public ValueTask DisposeAsync() => _keyed.DisposeAsync();

    [Fact]
    public async Task An_admin_sends_an_event_to_an_endpoint_that_it_never_matched()
    {
        var (id, other) = await AcceptAsync();
        var (_, operate) = await _keyed.Make("operate");
        var path = $"/api/v1/events/{id}/replay";
        var body = $$"""{"endpoint_id":"{{other}}"}""";

        await LacksAdmin(operate, path, body);
        Assert.Single(_keyed.Service.Receiver.Sent);

        Assert.Equal(HttpStatusCode.Accepted, await _keyed.Status(KeyedService.AdminKey, HttpMethod.Post, path, body));

        // A replay is not among what waits: it is over when its end is shown.
        await Waiting.Until(async () => (await Deliveries()).All(static delivery => (string?)delivery!["status"] == "delivered"));
        Assert.Equal(2, _keyed.Service.Receiver.Sent.Count);
        Assert.Equal(other, _keyed.Service.Receiver.Sent[1].EndpointId.Value);

        // It had it now.
        Assert.Equal(HttpStatusCode.Accepted, await _keyed.Status(operate, HttpMethod.Post, path, body));
        await _keyed.Service.Delivered(3);
        Assert.Equal(["default", other], (await Deliveries()).Select(static delivery => (string?)delivery!["endpoint_id"]));

        async Task<JsonArray> Deliveries() => (await _keyed.Read(KeyedService.AdminKey, $"/api/v1/events/{id}"))["deliveries"]!.AsArray();
    }

    [Fact]
    public async Task In_bulk_too_and_to_endpoints_that_had_them_operate_is_enough()
    {
        var (_, other) = await AcceptAsync();
        var (_, operate) = await _keyed.Make("operate");

        await LacksAdmin(operate, Replays, $$"""{"of":"events","filter":{},"endpoint_id":"{{other}}"}""");
        await LacksAdmin(operate, Replays, $$"""{"of":"events","filter":{"endpoint_id":"default"},"endpoint_id":"{{other}}","dry_run":true}""");
        Assert.Equal(0, await CountAsync(operate, $$"""{"of":"events","filter":{"endpoint_id":"{{other}}"},"dry_run":true}"""));
        Assert.Equal(0, await CountAsync(operate, $$"""{"of":"events","filter":{"endpoint_id":"{{other}}"},"endpoint_id":"{{other}}","dry_run":true}"""));
        Assert.Equal(1, await CountAsync(operate, """{"of":"events","filter":{"endpoint_id":"default"},"endpoint_id":"default","dry_run":true}"""));
        Assert.Equal(1, await CountAsync(operate, """{"of":"events","filter":{},"dry_run":true}"""));
        Assert.Equal(1, await CountAsync(KeyedService.AdminKey, $$"""{"of":"events","filter":{},"endpoint_id":"{{other}}","dry_run":true}"""));
    }

    [Fact]
    public async Task Events_that_an_endpoint_had_go_to_it_again_or_to_another()
    {
        using var store = await new DurableStore().Open("default", "chat", "pager");
        await store.Accept(5, "both", "default", "chat");
        await store.Accept(4, "chat", "chat");
        await store.Answer(200);
        await store.Answer(404, "chat");
        var hadByDefault = new ReplaySelection { EndpointId = new EndpointId("default") };

        foreach (var target in (EndpointId?[])[null, new EndpointId("pager")])
        {
            var replay = await store.Start(Asked.AllEvents with { Filter = hadByDefault, EndpointId = target });
            while (await store.Replays.QueueNextAsync(replay, 4, store.Has) > 0)
            {
                Waiting.Cancellation.ThrowIfCancellationRequested();
            }
        }

        Assert.Equal((5, 0, 5), ((await store.Pending("default")).Count, (await store.Pending("chat")).Count, (await store.Pending("pager")).Count));
    }

    /// <summary>Accepts an event that the built-in endpoint gets, and registers one that it does not match.</summary>
    private async Task<(string Id, string Other)> AcceptAsync()
    {
        using var made = await _keyed.Send(KeyedService.AdminKey, HttpMethod.Post, "/api/v1/endpoints", """{"name":"other","url":"https://other.test/","filter":{"sources":["none"]}}""");
        var other = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync(Waiting.Cancellation))!["id"]!;
        using var accepted = await _keyed.PostEvent(KeyedService.AdminKey);
        await _keyed.Service.Delivered(1);
        return (await MiddlewareClient.EventIdAsync(accepted), other);
    }

    private async Task LacksAdmin(string key, string path, string body)
    {
        using var answer = await _keyed.Send(key, HttpMethod.Post, path, body).WithStatus(HttpStatusCode.Forbidden);
        Assert.Contains("scope=\"admin\"", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    private async Task<int> CountAsync(string key, string body)
    {
        using var answer = await _keyed.Send(key, HttpMethod.Post, Replays, body);
        return (int)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!["total"]!;
    }
}
