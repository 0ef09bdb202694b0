namespace Tests.ExternalAlerts;

public class LoggingAlerts
{
    [Fact]
    public async Task Each_alert_is_a_line_with_its_ids_and_nothing_of_its_payload()
    {
        await using var service = new AlertsService();

        using var answer = await service.Post(
            """[{"event_id":"e-1","correlation_id":"c-1","message":"payload"},{"event_id":"e-2","message":"payload"}]""",
            "X-Correlation-ID: c-0");

        Assert.Equal(
            ["Information: alert received: event e-1, correlation c-1", "Information: alert received: event e-2, correlation c-0"],
            service.Log.OfAlerts);
        Assert.DoesNotContain(service.Log.All, line => line.Contains("payload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Past_a_hundred_lines_in_a_second_the_rest_is_counted()
    {
        await using var service = new AlertsService();

        var alerts = Enumerable.Range(0, 130).Select(id => $$"""{"event_id":"{{id}}"}""");
        using var answer = await service.Post($"[{string.Join(',', alerts)}]");
        Assert.Equal(100, service.Log.OfAlerts.Count());

        service.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Information: 30 lines left out, more than 100 a second", service.Log.OfAlerts.Last());
    }

    [Fact]
    public async Task A_request_that_misbehaves_is_a_line_of_another_kind()
    {
        await using var service = new AlertsService();
        using var set = await service.SetFaults("""{"status":503}""");

        using var answer = await service.Post("""{"event_id":"e-1"}""", "X-Correlation-ID: c-1");

        Assert.Equal(["Information: misbehaved as told (status): event e-1, correlation c-1"], service.Log.OfAlerts);
    }
}
