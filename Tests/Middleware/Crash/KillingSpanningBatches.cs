namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public class KillingSpanningBatches
{
    private const int Endpoints = 40;
    private const int Events = 1_000;

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task The_key_of_a_batch_that_was_killed_between_two_parts_keeps_each_event_once_and_tells_which()
    {
        await using var stage = await CrashStage.SetAsync();
        stage.Receiver.Hold();
        var settings = Enumerable.Range(1, Endpoints)
            .SelectMany(number => (string[])[$"Endpoints__e{number}__name=e{number}", $"Endpoints__e{number}__url={stage.Receiver.Address}"])
            .Append("ALLOWED_NETWORKS=127.0.0.0/8")
            .Append("HTTP_TIMEOUT=1m")
            .ToList();
        var body = $"[{string.Join(',', Enumerable.Range(0, Events).Select(static number => EventLoad.Event($"event-{number}")))}]";

        using (var service = await stage.StartAsync(settings))
        {
            using var load = new EventLoad(service.Address);
            var posting = load.PostBatchAsync(body, "key");
            await Waiting.WithinTheTest(() => StoredFile.Number(stage.Folder, "SELECT COUNT(*) FROM events") > 0);
            await service.KillAsync();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => posting);
        }

        File.Delete(stage.LockFile);
        var kept = StoredFile.ReadCopy(stage.Folder).Events;
        Assert.InRange(kept.Count, 1, Events - 1);
        CrashStage.Say($"{kept.Count} kept at the kill");

        using var next = await stage.StartAsync(settings);
        using var again = new EventLoad(next.Address);
        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            using var answer = await again.PostBatchAsync(body, "key").WithStatus(HttpStatusCode.OK);
            return await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        }));

        Assert.Equal(answers[0], answers[1]);
        var told = JsonNode.Parse(answers[0])!;
        Assert.Equal((Events, 0), ((int)told["accepted"]!, (int)told["rejected"]!));
        var ids = told["results"]!.AsArray().Select(static result => (string)result!["event_id"]!).ToList();
        Assert.Subset(ids.ToHashSet(), kept.ToHashSet());
        Assert.Equal(Events, StoredFile.Number(stage.Folder, "SELECT COUNT(*) FROM events"));
        Assert.Equal(Events, StoredFile.Number(stage.Folder, "SELECT COUNT(DISTINCT source) FROM events"));
        for (var place = 0; place < Events; place += 97)
        {
            var source = $"SELECT COUNT(*) FROM events WHERE lower(hex(id)) = '{ids[place]}' AND source = 'event-{place}'";
            Assert.Equal(1, StoredFile.Number(stage.Folder, source));
        }

        var correlations = told["results"]!.AsArray().Select(static result => (string)result!["correlation_id"]!).Distinct();
        Assert.Equal(2, correlations.Count());
        Assert.Equal((Endpoints + 1) * Events, StoredFile.Number(stage.Folder, "SELECT COUNT(*) FROM pending"));
    }
}
