namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public class ExpiringWhileDown
{
    private const string Body = """{"source":"s","event_type":"t","severity":"low","message":"m","expires_in":"2s"}""";

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task What_expires_between_a_kill_and_the_next_start_is_not_sent()
    {
        await using var stage = await CrashStage.SetAsync();
        stage.Receiver.ReleaseOnly(0);
        var (stays, expires, end) = ("", "", default(DateTimeOffset));
        using (var service = await stage.StartAsync("WORKER_COUNT=1", "HTTP_TIMEOUT=1m"))
        {
            using var client = new MiddlewareClient(service.Address);
            stays = await client.Accept();
            await client.Ask(HttpMethod.Post, "/api/v1/endpoints", HttpStatusCode.Created, """{"name":"off","url":"https://off.test/","enabled":false}""");
            using var posted = await client.PostAsync(Body);
            expires = await MiddlewareClient.EventIdAsync(posted);
            end = (DateTimeOffset)(await client.Look(expires))["expires_at"]!;
            await service.KillAsync();
        }

        await Waiting.WithinTheTest(() => TimeProvider.System.GetUtcNow() >= end);
        stage.Receiver.Release();
        using var next = await stage.StartAsync();
        using var again = new MiddlewareClient(next.Address);
        await Waiting.WithinTheTest(() => stage.Receiver.Received.Contains(stays));
        await Waiting.SeeAsync(() => again.Look(expires), static shown => (string?)shown["status"] == "expired", "it is expired");
        var shown = await again.Look(expires);
        Assert.Equal(["expired", "expired"], shown["deliveries"]!.AsArray().Select(static delivery => (string?)delivery!["status"]));
        Assert.Empty(shown["attempts"]!.AsArray());
        Assert.Equal(0, await next.StopAsync());
        Assert.DoesNotContain(expires, stage.Receiver.Received);
    }
}
