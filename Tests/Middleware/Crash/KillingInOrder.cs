using System.Globalization;

namespace Tests.Middleware.Crash;

/// <summary>The order by key, with kills at any moment. <c>ORDER_KEYS</c> is another number of keys, with more events in each life.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public class KillingInOrder
{
    private const int Lives = 5;
    private const int EventsOfAKey = 2;

    private static readonly int Keys = int.TryParse(Environment.GetEnvironmentVariable("ORDER_KEYS"), CultureInfo.InvariantCulture, out var keys) ? keys : 300;

    [Theory(Timeout = CrashStage.TestLimit)]
    [InlineData("")]
    [InlineData("Endpoints__ordered__batch__max_size=20")]
    public async Task No_event_overtakes_another_of_its_key_and_none_is_lost(string batch)
    {
        await using var stage = await CrashStage.SetAsync();
        var random = new Random(stage.Seed);
        await using var receiver = new OrderedReceiver(static key => int.Parse(key[1..], null) % 20 == 0, random);
        await receiver.StartAsync();
        string[] settings =
        [
            $"DATA_DIR={stage.Folder}", "EXTERNAL_ENDPOINT_URL=", "ALLOWED_NETWORKS=127.0.0.0/8", $"Endpoints__ordered__url={receiver.Url}", "Endpoints__ordered__ordering=key",
            "Endpoints__ordered__workers=8", "Endpoints__ordered__max_retries=1", "Endpoints__ordered__base_delay=20ms", "Endpoints__ordered__redelivery_schedule=50ms,50ms,50ms,50ms",
            .. batch is "" ? [] : (string[])[batch, "Endpoints__ordered__batch__max_wait=20ms"],
        ];

        var accepted = new List<(string Key, int Number)>();
        var (next, isOver, lives) = (0, false, new List<string>());
        for (receiver.Life = 1; receiver.Life <= Lives; receiver.Life++)
        {
            using var service = await ServiceProcess.StartAsync("Middleware.Api", settings);
            using var client = new HttpClient { BaseAddress = service.Address };
            var sending = Task.Run(() => SendAsync(client), Waiting.Cancellation);
            var before = next;
            await Waiting.WithinTheTest(() => Volatile.Read(ref next) > before + (EventsOfAKey * Keys));
            await stage.RandomMomentAsync(800);
            if (receiver.Life < Lives)
            {
                await service.KillAsync();
                await sending;
                lives.Add($"{next - before} sent");
                continue;
            }

            Volatile.Write(ref isOver, true);
            await sending;
            await Waiting.WithinTheTest(() => accepted.All(one => receiver.HasDelivered(one.Key, one.Number)) || receiver.Faults.Count > 0);
            Assert.Empty(receiver.Faults);
            Assert.Equal(0, await service.StopAsync());
        }

        Assert.Equal(0, StoredFile.Number(stage.Folder, "SELECT (SELECT COUNT(*) FROM pending) + (SELECT COUNT(*) FROM held) + (SELECT COUNT(*) FROM dead_letters)"));
        Assert.True(receiver.Refused > 0);
        CrashStage.Say($"{string.Join(", ", lives)}; {accepted.Count} accepted, {receiver.Refused} refused, {receiver.Repeated} repeated after a kill");

        // One request after the other, so that the numbers are in order of acceptance.
        async Task SendAsync(HttpClient client)
        {
            try
            {
                while (!Volatile.Read(ref isOver))
                {
                    List<(string Key, int Number)> numbered = [.. Enumerable.Range(0, 50).Select(_ => ($"k{random.Next(Keys)}", next++))];
                    var body = $"[{string.Join(',', numbered.Select(static one => $$"""{"source":"{{one.Key}}","event_type":"t","severity":"low","message":"{{one.Number}}"}"""))}]";
                    using var answer = await client.SendJson(HttpMethod.Post, "/integrations/events/batch", body, []);
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        Assert.Equal(50, (int)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!["accepted"]!);
                        lock (accepted)
                        {
                            accepted.AddRange(numbered);
                        }
                    }
                }
            }
            catch (HttpRequestException)
            {
                // It is gone; what had no answer may have been accepted.
            }
        }
    }
}
