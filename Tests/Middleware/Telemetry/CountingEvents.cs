using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Accepting;
using Middleware.Endpoints;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Telemetry;

public sealed class CountingEvents() : OnAService(MiddlewareService.InMemory())
{
    private const string Accepted = "integration_events_accepted_total";
    private const string Batch = "/integrations/events/batch";

    [Fact]
    public async Task Every_count_of_events_begins_at_zero()
    {
        var scrape = await Scrape.Of(Service.Http);

        Assert.Equal(0, scrape[Accepted]);
        Assert.Equal(
            ["error", "forbidden", "invalid", "key_reused", "overloaded", "queue_full", "rate_limited", "store_busy", "store_unavailable", "too_large", "too_slow", "unauthorized", "unsupported_media_type"],
            scrape.Having("integration_events_rejected_total{").Select(series => series.Split('"')[1]).Order());
        Assert.All(scrape.Having("integration_events_rejected_total{"), series => Assert.Equal(0, scrape[series]));
    }

    [Fact]
    public async Task What_is_accepted_is_counted_once_also_when_its_answer_is_given_again()
    {
        await Service.PostEvent(ServiceRequests.Valid);
        await Service.PostEvent(ServiceRequests.Valid, "Idempotency-Key: k");
        await Service.PostEvent(ServiceRequests.Valid, "Idempotency-Key: k");

        await Scrape.Until(Service.Http, Accepted, 2);
    }

    [Theory]
    [InlineData("invalid", HttpStatusCode.BadRequest, "{}", "application/json")]
    [InlineData("invalid", HttpStatusCode.BadRequest, "{", "application/json")]
    [InlineData("invalid", HttpStatusCode.BadRequest, ServiceRequests.Valid, "application/json", "Idempotency-Key: a b")]
    [InlineData("unsupported_media_type", HttpStatusCode.UnsupportedMediaType, ServiceRequests.Valid, "text/plain")]
    public async Task A_refusal_is_counted_by_its_reason(string reason, HttpStatusCode status, string body, string contentType, params string[] headers)
    {
        await Service.PostEvent(System.Text.Encoding.UTF8.GetBytes(body), contentType, headers).HasStatus(status);

        var scrape = await Scrape.Until(Service.Http, Refused(reason), 1);
        Assert.Equal(0, scrape[Accepted]);
        Assert.Single(scrape.Having("integration_events_rejected_total{"), series => scrape[series] != 0);
    }

    [Fact]
    public async Task What_is_too_large_is_counted_whether_its_length_is_told_before_or_not()
    {
        await using var service = MiddlewareService.InMemory(("MAX_EVENT_BYTES", "1024"));
        await service.PostEvent(new byte[1025]);
        await service.PostChunked(new byte[1025]);

        await Scrape.Until(service.Http, Refused("too_large"), 2);
    }

    [Fact]
    public async Task A_key_with_another_body_is_counted()
    {
        await Service.PostEvent(ServiceRequests.Valid, "Idempotency-Key: k");
        await Service.PostEvent(ServiceRequests.Valid + " ", "Idempotency-Key: k");

        var scrape = await Scrape.Until(Service.Http, Refused("key_reused"), 1);

        Assert.Equal(1, scrape[Accepted]);
    }

    [Fact]
    public async Task A_full_queue_is_counted()
    {
        await using var service = MiddlewareService.InMemory(("QUEUE_SIZE", "1"));
        service.Receiver.Hold();
        await service.PostEvent(ServiceRequests.Valid);
        await service.PostEvent(ServiceRequests.Valid);

        var scrape = await Scrape.Until(service.Http, Refused("queue_full"), 1);

        Assert.Equal(1, scrape[Accepted]);
        service.Receiver.Release();
    }

    [Fact]
    public async Task Each_event_of_a_batch_is_counted_and_a_body_that_is_no_batch_once()
    {
        await using var service = new MiddlewareService(("MAX_EVENT_BYTES", "1024"));
        var valid = ServiceRequests.Event("tests");
        await service.Post(Batch, $$"""[{{valid}},{{valid}},{},{"message":"{{new string('x', 1024)}}"}]""");
        await service.Post(Batch, "[");
        await service.Send(HttpMethod.Post, Batch, [], "text/plain");
        await service.Send(HttpMethod.Post, Batch, new byte[(8 << 20) + 1], "application/json");
        await service.Post(Batch, $"[{valid}]", "Idempotency-Key: k");
        await service.Post(Batch, $"[{valid},{valid},{valid}]", "Idempotency-Key: k");

        var scrape = await Scrape.Until(service.Http, Refused("key_reused"), 3);

        Assert.Equal((3, 2, 2, 1), (scrape[Accepted], scrape[Refused("invalid")], scrape[Refused("too_large")], scrape[Refused("unsupported_media_type")]));
    }

    [Fact]
    public async Task What_the_store_cannot_keep_is_counted_and_the_store_says_that_it_cannot_be_written()
    {
        await using var service = new MiddlewareService();
        Assert.Equal(1, (await Scrape.Of(service.Http))["integration_store_writable"]);
        File.Delete(service.DatabasePath);

        await service.Post("/integrations/events", ServiceRequests.Event("tests")).HasStatus(HttpStatusCode.ServiceUnavailable);

        var scrape = await Scrape.Until(service.Http, Refused("store_unavailable"), 1);
        Assert.Equal((0, 0), (scrape["integration_store_writable"], scrape[Accepted]));
    }

    [Fact]
    public async Task A_defect_is_counted()
    {
        using var meters = new OwnMeters();
        using var refused = new Tally(meters.Factory, "integration.events.rejected", "reason");
        var endpoints = new EndpointRegistry();
        var metrics = meters.Of(endpoints);
        using var route = new RouteEvent(endpoints, metrics, new TestClock(), NullLogger<RouteEvent>.Instance);
        using var accept = new AcceptEvent(new ListStore(), route, metrics, new TestClock(), NullLogger<AcceptEvent>.Instance);

        await Assert.ThrowsAsync<NotSupportedException>(() => accept.ExecuteAsync([new RoutedEvent(Made.Event(), [])], null, Waiting.Cancellation).AsTask());

        Assert.Equal(["error"], refused.Counted);
        Assert.Equal(1, refused["error"]);
    }

    private static string Refused(string reason) => $$"""integration_events_rejected_total{reason="{{reason}}"}""";
}
