namespace Tests.ExternalAlerts;

public sealed class LoggingAlerts : OnAlerts
{
    private const string Received = "alert received";

    [Fact]
    public async Task Each_alert_is_a_line_with_its_ids_and_nothing_of_its_payload()
    {
        using var answer = await Service.Post(
            """[{"event_id":"e-1","correlation_id":"c-1","message":"payload"},{"event_id":"e-2","message":"payload"}]""",
            "X-Correlation-ID: c-0");

        Assert.Equal([("e-1", "c-1"), ("e-2", "c-0")], Service.Log.Of(Received).Select(Ids));
        Assert.DoesNotContain(Service.Log.All.SelectMany(static line => line.Values.Values), static value => $"{value}".Contains("payload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Past_a_hundred_lines_in_a_second_the_rest_is_counted()
    {
        var alerts = Enumerable.Range(0, 130).Select(id => $$"""{"event_id":"{{id}}"}""");
        using var answer = await Service.Post($"[{string.Join(',', alerts)}]");
        Assert.Equal(100, Service.Log.Of(Received).Count());

        Service.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(30, Assert.Single(Service.Log.Of("lines left out: more than 100 in the last second")).Values["leftOut"]);
    }

    [Fact]
    public async Task A_request_that_misbehaves_is_a_line_of_another_kind()
    {
        using var set = await Service.SetFaults("""{"status":503}""");

        using var answer = await Service.Post("""{"event_id":"e-1"}""", "X-Correlation-ID: c-1");

        var line = Assert.Single(Service.Log.Of("request misbehaved by a fault that is set"));
        Assert.Equal(("e-1", "c-1"), Ids(line));
        Assert.Equal("status", line.Values["fault"]);
        Assert.Empty(Service.Log.Of(Received));
    }

    private static (string? Event, string? Correlation) Ids(CapturedLine line) => ((string?)line.Values["eventId"], (string?)line.Values["correlationId"]);
}
