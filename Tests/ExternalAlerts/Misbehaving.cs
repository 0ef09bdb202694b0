using ExternalAlerts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tests.ExternalAlerts;

public sealed class Misbehaving : OnAlerts
{
    private const string Alert = """{"event_id":"e-1"}""";

    [Fact]
    public async Task A_status_is_answered_with_Retry_After_and_the_alert_is_not_received()
    {
        using var set = await Service.SetFaults("""{"status":503,"retry_after":"1500ms"}""");

        using var answer = await Service.Post(Alert, "X-Correlation-ID: c-1", "X-Delivery-Attempt: 3", "webhook-id: w-1").WithStatus(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"items":[]}""", (await Service.Get("/external/alerts")).ToJsonString());
        await Service.Shows("/external/alerts/stats", """{"received":0,"unique":0,"duplicates":0,"without_id":0,"tries":1,"faulted":1}""");
        await Service.Shows(
            "/external/alerts/tries",
            """
            {"items":[{"at":"2026-03-01T12:00:00Z","correlation_id":"c-1","event_id":"e-1","webhook_id":"w-1","attempt":3,
            "alerts":1,"fault":"status","answered":503}]}
            """);
    }

    [Fact]
    public async Task A_2xx_status_is_a_receipt()
    {
        using var set = await Service.SetFaults("""{"status":204}""");

        await Service.Post(Alert).HasStatus(HttpStatusCode.NoContent);

        Assert.Equal(1, (int)(await Service.Get("/external/alerts/stats"))["received"]!);
    }

    [Fact]
    public async Task A_redirect_leads_where_a_GET_would_succeed()
    {
        using var set = await Service.SetFaults("""{"status":302}""");

        using var answer = await Service.Post(Alert).WithStatus(HttpStatusCode.Redirect);

        Assert.Equal("/external/alerts", answer.Headers.Location?.OriginalString);
        Assert.Equal(0, (int)(await Service.Get("/external/alerts/stats"))["received"]!);
    }

    [Fact]
    public async Task A_refused_body_uses_up_no_fault()
    {
        using var set = await Service.SetFaults("""{"status":503,"count":1}""");

        await Service.Post("not JSON").HasStatus(HttpStatusCode.BadRequest);

        Assert.Equal(1, (int)(await Service.Get("/external/faults"))["remaining"]!);
    }

    [Fact]
    public async Task The_share_is_drawn_from_the_randomness_given()
    {
        await using var service = new AlertsService(new Scripted(0.19, 0.2, 0.9, 0.0));
        using var set = await service.SetFaults("""{"status":500,"rate":0.2}""");
        List<int> answers = [];
        for (var i = 0; i < 4; i++)
        {
            using var answer = await service.Post(Alert);
            answers.Add((int)answer.StatusCode);
        }

        Assert.Equal([500, 200, 200, 500], answers);
    }

    [Fact]
    public async Task Exactly_count_requests_misbehave_however_many_come_at_once()
    {
        using var set = await Service.SetFaults("""{"status":503,"count":50}""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            using var answer = await Service.Post(Alert);
            return answer.StatusCode;
        })));

        Assert.Equal(50, answers.Count(status => status == HttpStatusCode.ServiceUnavailable));
        Assert.Equal(150, answers.Count(status => status == HttpStatusCode.OK));
        await Service.Shows("/external/alerts/stats", """{"received":150,"unique":1,"duplicates":149,"without_id":0,"tries":200,"faulted":50}""");
        var faults = await Service.Get("/external/faults");
        Assert.Equal("False 50 0", $"{(bool)faults["active"]!} {faults["count"]} {faults["remaining"]}");
    }

    [Fact]
    public void Exactly_count_draws_strike_from_many_threads()
    {
        var faults = new Faults(new Random(1));
        faults.Set(new Fault { Status = 503, Count = 10_000, Rate = 0.9 });
        var struck = 0;

        Parallel.For(0, 40_000, _ => Interlocked.Add(ref struck, faults.Next() is null ? 0 : 1));

        Assert.Equal(10_000, struck);
    }

    [Fact]
    public async Task Latency_alone_delays_the_usual_answer()
    {
        using var set = await Service.SetFaults("""{"latency":"200ms"}""");

        var answering = Service.Post(Alert, "X-Correlation-ID: c-1");
        await Service.Clock.WaitBegun(TimeSpan.FromMilliseconds(200));
        Service.Clock.Advance(TimeSpan.FromMilliseconds(199));
        Assert.Equal(0, (int)(await Service.Get("/external/alerts/stats"))["received"]!);
        Assert.False(answering.IsCompleted);

        Service.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await answering.IsJson(HttpStatusCode.OK, """{"status":"received","correlation_id":"c-1","received":1}""");
        var request = (await Service.Tries(1)).Single()!;
        Assert.Equal("latency 200", $"{request["fault"]} {request["answered"]}");
        Assert.Equal(1, (int)(await Service.Get("/external/alerts/stats"))["received"]!);
    }

    [Fact]
    public async Task An_alert_whose_sender_does_not_wait_for_the_latency_is_not_received()
    {
        using var set = await Service.SetFaults("""{"latency":"5s","status":500}""");
        using var patience = new CancellationTokenSource();

        var answering = Service.Http.PostAsync("/external/alerts", Json(Alert), patience.Token);
        await Service.Clock.WaitBegun(TimeSpan.FromSeconds(5));
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
        Assert.Null((await Service.Tries(1)).Single()!["answered"]);
        Assert.Equal(0, (int)(await Service.Get("/external/alerts/stats"))["received"]!);
    }

    [Fact]
    public async Task A_request_hangs_until_its_client_goes()
    {
        using var set = await Service.SetFaults("""{"hang":true}""");
        using var patience = new CancellationTokenSource();

        var answering = Service.Http.PostAsync("/external/alerts", Json(Alert), patience.Token);
        var request = (await Service.Tries(1)).Single()!;
        Service.Clock.Advance(TimeSpan.FromDays(1));
        Assert.False(answering.IsCompleted);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
        Assert.Equal("hang", (string?)request["fault"]);
        Assert.Null(request["answered"]);
    }

    [Fact]
    public async Task A_request_that_hangs_does_not_keep_the_service_from_stopping()
    {
        Service.UseKestrel(0);
        Service.StartServer();
        using var set = await Service.SetFaults("""{"hang":true}""");

        var answering = Service.Post(Alert);
        await Service.Tries(1);
        Service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await Assert.ThrowsAsync<HttpRequestException>(() => answering);
    }

    [Fact]
    public async Task A_dropped_connection_has_no_answer_and_the_next_request_is_well()
    {
        Service.UseKestrel(0);
        Service.StartServer();
        using var set = await Service.SetFaults("""{"drop":true,"count":1}""");

        await Assert.ThrowsAsync<HttpRequestException>(() => Service.Post(Alert));
        await Service.Post(Alert).HasStatus(HttpStatusCode.OK);

        Assert.Equal(["200", "drop"], (await Service.Tries(2)).Select(request => $"{request!["fault"]}{request["answered"]}"));
    }

    private static StringContent Json(string body) => new(body, null, "application/json");

    private sealed class Scripted(params double[] numbers) : Random
    {
        private int _next;

        public override double NextDouble() => numbers[_next++];
    }
}
