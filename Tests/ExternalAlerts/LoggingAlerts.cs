namespace Tests.ExternalAlerts;

public sealed class LoggingAlerts : IAsyncDisposable
{
    private const string Received = "alert received";

    private readonly AlertsService _service = new();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Each_alert_is_a_line_with_its_ids_and_nothing_of_its_payload()
    {
        using var answer = await _service.Post(
            """[{"event_id":"e-1","correlation_id":"c-1","message":"payload"},{"event_id":"e-2","message":"payload"}]""",
            "X-Correlation-ID: c-0");

        Assert.Equal([("e-1", "c-1"), ("e-2", "c-0")], _service.Log.Of(Received).Select(Ids));
        Assert.DoesNotContain(_service.Log.All.SelectMany(static line => line.Values.Values), static value => $"{value}".Contains("payload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Past_a_hundred_lines_in_a_second_the_rest_is_counted()
    {
        var alerts = Enumerable.Range(0, 130).Select(id => $$"""{"event_id":"{{id}}"}""");
        using var answer = await _service.Post($"[{string.Join(',', alerts)}]");
        Assert.Equal(100, _service.Log.Of(Received).Count());

        _service.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(30, Assert.Single(_service.Log.Of("lines left out: more than 100 in the last second")).Values["leftOut"]);
    }

    [Fact]
    public async Task A_request_that_misbehaves_is_a_line_of_another_kind()
    {
        using var set = await _service.SetFaults("""{"status":503}""");

        using var answer = await _service.Post("""{"event_id":"e-1"}""", "X-Correlation-ID: c-1");

        var line = Assert.Single(_service.Log.Of("request misbehaved by a fault that is set"));
        Assert.Equal(("e-1", "c-1"), Ids(line));
        Assert.Equal("status", line.Values["fault"]);
        Assert.Empty(_service.Log.Of(Received));
    }

    private static (string? Event, string? Correlation) Ids(CapturedLine line) => ((string?)line.Values["eventId"], (string?)line.Values["correlationId"]);
}
