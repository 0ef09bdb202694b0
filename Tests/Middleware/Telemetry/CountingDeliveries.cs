using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Events;

namespace Tests.Middleware.Telemetry;

public class CountingDeliveries : OnAService
{
    private static readonly string[] Bounds =
    ["0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "60", "+Inf"];

    [Fact]
    public async Task Tries_are_counted_by_what_came_of_them_and_timed()
    {
        await Service.AcceptAnswered(200);
        await Service.AcceptAnswered(200);
        await Service.AcceptAnswered(503);

        var scrape = await Scrape.Until(Service.Http, """integration_delivery_attempts_total{endpoint="default",outcome="http_503"}""", 1);

        Assert.Equal(2, scrape["""integration_delivery_attempts_total{endpoint="default",outcome="delivered"}"""]);
        Assert.Equal(3, scrape["""integration_delivery_duration_seconds_count{endpoint="default"}"""]);
        Assert.Equal(0.0375, scrape["""integration_delivery_duration_seconds_sum{endpoint="default"}"""]!.Value, precision: 9);
        Assert.Equal(0, scrape["""integration_delivery_duration_seconds_bucket{endpoint="default",le="0.01"}"""]);
        Assert.Equal(3, scrape["""integration_delivery_duration_seconds_bucket{endpoint="default",le="0.02"}"""]);
        Assert.Equal(Bounds, scrape.Bounds("integration_delivery_duration_seconds"));
    }

    [Fact]
    public async Task Latency_is_from_accepted_to_delivered()
    {
        await using var service = MiddlewareService.InMemory();
        service.Receiver.Hold();
        await service.PostEvent(ServiceRequests.Valid);
        await Waiting.Until(() => service.Receiver.Running == 1);
        service.Clock.Advance(TimeSpan.FromSeconds(7));
        service.Receiver.Release();

        var scrape = await Scrape.Until(service.Http, """integration_delivery_latency_seconds_count{endpoint="default"}""", 1);

        Assert.Equal(7, scrape["""integration_delivery_latency_seconds_sum{endpoint="default"}"""]);
        Assert.Equal(
            ["0.001", "0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "30", "60", "300", "1800", "7200", "21600", "86400", "+Inf"],
            scrape.Bounds("integration_delivery_latency_seconds"));
    }

    [Fact]
    public async Task What_is_given_up_is_counted_by_its_reason_and_has_no_latency()
    {
        await Service.AcceptAnswered(503);
        await Service.AcceptAnswered(503);
        await Service.AcceptAnswered(410);

        var scrape = await Scrape.Until(Service.Http, """integration_deadletters_total{endpoint="default",reason="http_410"}""", 1);

        Assert.Equal(2, scrape["""integration_deadletters_total{endpoint="default",reason="http_503"}"""]);
        Assert.Equal(2, scrape.Having("integration_deadletters_total{").Count());
        Assert.Empty(scrape.Having("integration_delivery_latency_seconds_count"));
    }

    [Fact]
    public async Task Statuses_that_mean_nothing_are_one_reason()
    {
        await Service.AcceptAnswered(499);
        await Service.AcceptAnswered(799);
        await Service.AcceptAnswered(999);

        var scrape = await Scrape.Until(Service.Http, """integration_deadletters_total{endpoint="default",reason="http_other"}""", 3);

        Assert.Equal(3, scrape["""integration_delivery_attempts_total{endpoint="default",outcome="http_other"}"""]);
    }

    [Fact]
    public async Task Every_status_that_there_is_and_every_other_reason_have_room()
    {
        foreach (var status in Enumerable.Range(100, 900).Except(Enumerable.Range(200, 200)).Where(status => Enum.IsDefined((HttpStatusCode)status) || status % 100 == 99))
        {
            await Service.AcceptAnswered(status);
            if (status == (int)HttpStatusCode.Gone)
            {
                // It has disabled the endpoint.
                await Service.Ask(HttpMethod.Post, "/api/v1/endpoints/default/enable", HttpStatusCode.OK);
            }
        }

        var scrape = await Scrape.Until(Service.Http, """integration_deadletters_total{endpoint="default",reason="http_511"}""", 1);

        var words = typeof(FailureReason).GetFields().Length;
        Assert.InRange(scrape.Having("integration_delivery_attempts_total{").Count() + words, 50, 96);
        Assert.Empty(scrape.Having("otel_metric_overflow"));
    }

    [Fact]
    public async Task The_state_of_a_lane_is_told_as_it_is()
    {
        await using var service = MiddlewareService.InMemory(("WORKER_COUNT", "2"));
        service.Receiver.Hold();
        await service.Accept(5);
        await Waiting.Until(() => service.Receiver.Running == 2);
        service.Clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal((5, 90, 2, 0), State(await Scrape.Until(service.Http, """integration_queue_oldest_age_seconds{endpoint="default"}""", 90)));

        service.Receiver.Release();
        Assert.Equal((0, 0, 0, 0), State(await Scrape.Until(service.Http, scrape => State(scrape) is (0, _, 0, _))));

        service.Receiver.Answer = _ => Made.Failed();
        await service.Accept(20);
        await Scrape.Until(service.Http, """integration_circuit_state{endpoint="default"}""", 2);
    }

    [Fact]
    public async Task The_series_of_an_endpoint_go_with_it_and_those_of_others_stay()
    {
        await using var stage = MiddlewareService.WithoutEndpoint();
        var (kept, gone) = (await Create(stage), await Create(stage));
        await stage.Accept(3);
        var before = await Scrape.Until(stage.Http, scrape => Delivered(scrape, kept) == 3 && Delivered(scrape, gone) == 3);
        Assert.Equal(Families(before, kept), Families(before, gone));
        Assert.Equal(8, Families(before, gone).Count());

        Assert.Equal(HttpStatusCode.NoContent, await stage.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{gone}", null, "If-Match: \"1\""));

        var after = await Scrape.Until(stage.Http, scrape => !scrape.Having(gone).Any());
        Assert.Equal(Families(before, kept), Families(after, kept));
        Assert.Equal(3, Delivered(after, kept));

        await stage.Accept(1);
        await Scrape.Until(stage.Http, scrape => Delivered(scrape, kept) == 4);
    }

    [Fact]
    public async Task An_endpoint_has_no_instruments_of_its_own_but_its_durations()
    {
        // A listener walks all instruments for each new one: thousands of endpoints took minutes to start.
        await using var stage = MiddlewareService.WithoutEndpoint();
        var meters = stage.Services.GetRequiredService<IMeterFactory>();
        var before = Gauges.Instruments(meters);

        string[] ids = [await Create(stage), await Create(stage), await Create(stage)];

        Assert.Equal(before, Gauges.Instruments(meters));
        var scrape = await Scrape.Until(stage.Http, scrape => ids.All(id => Families(scrape, id).Count() == 5));
        Assert.Equal(
            ["integration_circuit_state", "integration_queue_depth", "integration_queue_held", "integration_queue_oldest_age_seconds", "integration_workers_busy"],
            Families(scrape, ids[2]).Order());

        await stage.Accept(1);
        await Scrape.Until(stage.Http, scrape => ids.All(id => Families(scrape, id).Count() == 8));
        Assert.Equal(before + (2 * ids.Length), Gauges.Instruments(meters));
    }

    [Fact]
    public async Task Commits_are_timed_and_their_rows_are_counted()
    {
        // The endpoint came with the start: its number, its registration, the registry's version and its row in the audit log.
        await Service.AcceptAnswered(200);
        var before = await Scrape.Until(Service.Http, "integration_store_commit_size_sum", 8);

        // An event is a row and so is what is owed of it; its end takes the one away and adds the try.
        await Service.AcceptAnswered(200);
        var scrape = await Scrape.Until(Service.Http, "integration_store_commit_size_sum", 12);

        Assert.Equal(2, scrape["integration_store_commit_size_count"] - before["integration_store_commit_size_count"]);
        Assert.Equal(scrape["integration_store_commit_size_count"], scrape["integration_store_commit_duration_seconds_count"]);
        Assert.Equal(Bounds, scrape.Bounds("integration_store_commit_duration_seconds"));
        Assert.Equal(["1", "2", "5", "10", "20", "50", "100", "200", "500", "1000", "2000", "5000", "+Inf"], scrape.Bounds("integration_store_commit_size"));
    }

    private static async Task<string> Create(MiddlewareService stage) => (string)(await stage.Create("""{"name":"n","url":"https://receiver.test/"}"""))["id"]!;

    private static double? Delivered(Scrape scrape, string endpoint) =>
        scrape[$$"""integration_delivery_attempts_total{endpoint="{{endpoint}}",outcome="delivered"}"""];

    private static IEnumerable<string> Families(Scrape scrape, string endpoint) =>
        scrape.Having(endpoint).Select(static series => series.Split('{')[0].Replace("_bucket", "", StringComparison.Ordinal)
            .Replace("_sum", "", StringComparison.Ordinal).Replace("_count", "", StringComparison.Ordinal)).Distinct();

    private static (double?, double?, double?, double?) State(Scrape scrape) => (
        scrape["""integration_queue_depth{endpoint="default"}"""],
        scrape["""integration_queue_oldest_age_seconds{endpoint="default"}"""],
        scrape["""integration_workers_busy{endpoint="default"}"""],
        scrape["""integration_circuit_state{endpoint="default"}"""]);
}
