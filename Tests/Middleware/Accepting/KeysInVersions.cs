namespace Tests.Middleware.Accepting;

/// <summary>A caller who changes the version between two tries of one event must not have it twice.</summary>
public class KeysInVersions : OnAService
{
    private const string Key = "Idempotency-Key: k";
    private const string Event = """{"source":"s","event_type":"t","severity":"low","message":"m"}""";

    [Theory]
    [InlineData("", Event, HttpStatusCode.OK, HttpStatusCode.Accepted)]
    [InlineData("/batch", $"[{Event}]", HttpStatusCode.OK, HttpStatusCode.Accepted)]
    public async Task The_versions_of_a_route_share_keys_and_each_answers_with_its_own_status(string route, string body, HttpStatusCode one, HttpStatusCode two)
    {
        using var first = await Service.Post("/integrations/events" + route, body, Key);
        using var second = await Service.Post("/integrations/events" + route, body, Key, "api-version: 2.0");
        using var third = await Service.Post("/v2/integrations/events" + route, body, Key);
        using var fourth = await Service.Post("/v1/integrations/events" + route, body, Key);

        HttpResponseMessage[] answers = [first, second, third, fourth];
        Assert.Equal([one, two, two, one], answers.Select(static answer => answer.StatusCode));
        Assert.Equal([false, true, true, true], answers.Select(static answer => answer.Headers.Contains("Idempotency-Replayed")));
        Assert.Single((await Task.WhenAll(answers.Select(static answer => answer.Content.ReadAsStringAsync(Waiting.Cancellation)))).Distinct());
        Assert.Single((await Service.Get("/api/v1/events"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_first_answer_of_version_2_is_answered_again_with_its_location_and_by_version_1_without()
    {
        using var first = await Service.Post("/v2/integrations/events", Event, Key);
        using var again = await Service.Post("/v2/integrations/events", Event, Key);
        using var inOne = await Service.Post("/integrations/events", Event, Key);

        Assert.NotNull(first.Headers.Location);
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(HttpStatusCode.OK, inOne.StatusCode);
        Assert.Null(inOne.Headers.Location);
    }

    [Fact]
    public async Task Another_body_is_refused_in_whichever_version()
    {
        await Service.Post("/integrations/events", Event, Key).HasStatus(HttpStatusCode.OK);
        await Service.Post("/v2/integrations/events", Event.Replace("\"m\"", "\"n\"", StringComparison.Ordinal), Key).HasStatus(HttpStatusCode.UnprocessableEntity);
    }
}
