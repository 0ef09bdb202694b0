namespace Tests.Middleware.Accepting;

[Trait("Store", "Any")]
public sealed class AnsweringOnce : OnAService
{
    private const string Path = "/integrations/events/batch";

    [Fact]
    public async Task The_same_key_is_answered_byte_for_byte_and_keeps_nothing()
    {
        var batch = $$"""[{{ServiceRequests.Event("a")}},{"source":1}]""";

        using var first = await Service.Post(Path, batch, "Idempotency-Key: k");
        using var second = await Service.Post(Path, batch, "Idempotency-Key: k");
        using var single = await Service.Post("/integrations/events", ServiceRequests.Event("a"), "Idempotency-Key: k");

        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Waiting.Cancellation), await second.Content.ReadAsByteArrayAsync(Waiting.Cancellation));
        Assert.Equal("application/json", second.Content.Headers.ContentType!.ToString());
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotency-Replayed")));
        Assert.False(single.Headers.Contains("Idempotency-Replayed"));
        await Service.Recorded();
        Assert.Equal(2, Service.Receiver.Sent.Count);
    }

    [Theory]
    [InlineData("/integrations/events")]
    [InlineData(Path)]
    public async Task An_answer_that_version_0_1_kept_as_JSON_is_answered_again(string path)
    {
        var body = path == Path ? $$"""[{{ServiceRequests.Event("a")}},{"source":1}]""" : ServiceRequests.Event("a");
        using var first = await Service.Post(path, body, "Idempotency-Key: k");
        var kept = await first.Content.ReadAsByteArrayAsync(Waiting.Cancellation);
        Assert.Equal(1, StoreSql.Execute(Service.DatabasePath, "UPDATE idempotency SET answer = @answer", ("@answer", kept)));

        using var second = await Service.Post(path, body, "Idempotency-Key: k");

        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(kept, await second.Content.ReadAsByteArrayAsync(Waiting.Cancellation));
    }

    [Fact]
    public async Task An_event_that_was_refused_with_its_key_stays_refused_when_the_limits_have_changed()
    {
        var large = $$"""{"source":"a","event_type":"t","severity":"low","message":"{{new string('m', 2_000)}}"}""";
        var batch = $"[{ServiceRequests.Event("a")},{large}]";
        await using var service = new MiddlewareService(("MAX_EVENT_BYTES", "1024"));
        using var answer = await service.Post(Path, batch, "Idempotency-Key: k");
        var first = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.Contains("\"accepted\":1,\"rejected\":1", first, StringComparison.Ordinal);

        service.Settings = [];
        await service.Restart();
        using var repeated = await service.Post(Path, batch, "Idempotency-Key: k");
        var second = await repeated.Content.ReadAsStringAsync(Waiting.Cancellation);

        Assert.Contains("\"accepted\":1,\"rejected\":1", second, StringComparison.Ordinal);
        Assert.Contains("was refused when this Idempotency-Key was first used", second, StringComparison.Ordinal);
        Assert.Equal(first[..first.IndexOf("rejected\",\"errors", StringComparison.Ordinal)], second[..second.IndexOf("rejected\",\"errors", StringComparison.Ordinal)]);
    }

    [Theory]
    [InlineData("[{}]")]
    [InlineData("[{\"source\":\"b\",\"event_type\":\"t\",\"severity\":\"low\",\"message\":\"m\"}]")]
    public async Task The_same_key_with_another_body_is_refused(string other)
    {
        using var first = await Service.Post(Path, $"[{ServiceRequests.Event("a")}]", "Idempotency-Key: k");

        await Service.Post(Path, other, "Idempotency-Key: k").HasStatus(HttpStatusCode.UnprocessableEntity);

        await Service.Recorded();
        Assert.Single(Service.Receiver.Sent);
    }

    [Theory]
    [InlineData("/integrations/events")]
    [InlineData(Path)]
    public async Task Sixty_four_at_once_with_one_key_are_one_event_and_one_answer(string path)
    {
        var body = path == Path ? $"[{ServiceRequests.Event("a")}]" : ServiceRequests.Event("a");
        _ = Service.Http;

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            using var answer = await Service.Post(path, body, "Idempotency-Key: k");
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Waiting.Cancellation), answer.Headers.Contains("Idempotency-Replayed"));
        })));

        Assert.Single(answers.Select(static answer => (answer.StatusCode, answer.Item2)).Distinct());
        Assert.Equal(HttpStatusCode.OK, answers[0].StatusCode);
        Assert.Single(answers, static answer => !answer.Item3);
        await Service.Recorded();
        Assert.Single(Service.Receiver.Sent);
    }
}
