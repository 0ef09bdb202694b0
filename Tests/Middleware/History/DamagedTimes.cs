namespace Tests.Middleware.History;

/// <summary>A row whose times are none is shown as far as it can be: no list, no metric and no health check fails for it.</summary>
[Trait("Store", "Any")]
public sealed class DamagedTimes
{
    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    public Task Every_look_back_answers_for_a_number(string time) => EveryLookBackAnswers(time);

    // Only a file keeps any value in any column.
    [Fact]
    [Trait("Store", "Sqlite")]
    public Task Every_look_back_answers_for_a_text() => EveryLookBackAnswers("'yesterday'");

    private static async Task EveryLookBackAnswers(string time)
    {
        await using var service = new MiddlewareService();
        var dead = await service.AcceptAnswered(503);
        var replay = await service.Ask(HttpMethod.Post, "/api/v1/replays", HttpStatusCode.Accepted, """{"of":"events","filter":{"source":"nobody"}}""");
        service.Receiver.Hold();
        var pending = (string)(await service.Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, ServiceRequests.Event("tests")))["event_id"]!;
        await Waiting.Until(() => service.Receiver.Sent.Count == 2);
        StoreSql.Execute(
            service.DatabasePath,
            $"""
            UPDATE events SET accepted_at = {time};
            UPDATE attempts SET started_at = {time}, duration = {time};
            UPDATE dead_letters SET first_dead_at = {time}, dead_at = {time}, next_retry_at = {time}, state = 0;
            UPDATE replays SET created_at = {time}, doc = '-'
            """);

        foreach (var path in (string[])
        [
            "/api/v1/events", $"/api/v1/events/{dead}", $"/api/v1/events/{pending}", "/api/v1/dead-letters", $"/api/v1/dead-letters/{dead}.default",
            "/api/v1/replays", $"/api/v1/replays/{replay["id"]}", "/api/v1/endpoints", "/api/v1/endpoints/default/health", "/health/ready",
        ])
        {
            await service.Ask(HttpMethod.Get, path, HttpStatusCode.OK);
        }

        using var metrics = await service.Http.GetAsync("/metrics", Waiting.Cancellation).WithStatus(HttpStatusCode.OK);
        Assert.Contains("integration_queue_oldest_age_seconds", await metrics.Content.ReadAsStringAsync(Waiting.Cancellation), StringComparison.Ordinal);
    }
}
