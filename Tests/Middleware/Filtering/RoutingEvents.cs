using Middleware.Endpoints;

namespace Tests.Middleware.Filtering;

[Trait("Store", "Any")]
public sealed class RoutingEvents
{
    private const string Critical =
        """{"source":"monitoring","event_type":"server_down","severity":"critical","message":"m","metadata":{"Server-Zone":7,"team":"core"}}""";

    private const string Low = """{"source":"billing","event_type":"invoice_paid","severity":"low","message":"m"}""";

    [Fact]
    public async Task Each_endpoint_gets_what_its_filter_takes()
    {
        await using var service = Routing(out _);

        var first = await Accept(service, Critical);
        var second = await Accept(service, Low);
        await Waiting.Until(() => service.Receiver.Sent.Count == 3);

        Assert.Equal(["pager", "servers"], await Endpoints(service, first));
        Assert.Equal(["billing"], await Endpoints(service, second));
        Assert.Equal(
            [("billing", second), ("pager", first), ("servers", first)],
            service.Receiver.Sent.Select(sent => (sent.EndpointId.Value, sent.Event.IdText)).Order());
    }

    [Fact]
    public async Task The_events_of_a_batch_are_routed_each_by_itself()
    {
        await using var service = Routing(out _);

        var answer = await service.Ask(HttpMethod.Post, "/integrations/events/batch", HttpStatusCode.OK, $"[{Low},{Critical}]");
        await Waiting.Until(() => service.Receiver.Sent.Count == 3);

        Assert.Equal(2, (int)answer["accepted"]!);
        Assert.Equal(
            [("invoice_paid", "billing"), ("server_down", "pager"), ("server_down", "servers")],
            service.Receiver.Sent.Select(sent => (sent.Event.EventType, sent.EndpointId.Value)).Order());
    }

    [Fact]
    public async Task What_no_filter_takes_is_accepted_and_recorded_as_unrouted()
    {
        await using var service = Routing(out _);

        var id = await Accept(service, ServiceRequests.Event("shop"));

        var found = await service.Get($"/api/v1/events/{id}");
        Assert.Equal("unrouted", (string?)found["status"]);
        Assert.Empty(found["deliveries"]!.AsArray());
        Assert.Empty(service.Receiver.Sent);
    }

    [Fact]
    public async Task What_was_decided_when_an_event_was_accepted_stays_when_the_filter_changes()
    {
        await using var service = Routing(out var endpoints);
        service.Receiver.Hold();
        var id = await Accept(service, Low);

        endpoints.Set(Made.Endpoint("billing") with { Filter = Filter.Of(sources: ["shop"]) });

        Assert.Equal(["billing"], await Endpoints(service, id));
        service.Receiver.Release();
        await service.Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, ServiceRequests.Event("shop"));
        await Waiting.Until(() => service.Receiver.Sent.Count == 2);
        Assert.Equal(["billing", "billing"], service.Receiver.Sent.Select(sent => sent.EndpointId.Value));
    }

    private static MiddlewareService Routing(out EndpointRegistry endpoints)
    {
        var service = MiddlewareService.WithoutEndpoint();
        endpoints = service.Endpoints;
        endpoints.Set(Made.Endpoint("pager") with { Filter = Filter.Of(minPriority: "high") });
        endpoints.Set(Made.Endpoint("servers") with { Filter = Filter.Of(["server_*"], expression: "severity = 'critical' AND serverzone > 6") });
        endpoints.Set(Made.Endpoint("billing") with { Filter = Filter.Of(sources: ["bill*"]) });
        return service;
    }

    private static async Task<string> Accept(MiddlewareService service, string body) =>
        (string)(await service.Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, body))["event_id"]!;

    private static async Task<IEnumerable<string>> Endpoints(MiddlewareService service, string id)
    {
        var found = await service.Get($"/api/v1/events/{id}");
        return found["deliveries"]!.AsArray().Select(delivery => (string)delivery!["endpoint_id"]!).Order();
    }
}
