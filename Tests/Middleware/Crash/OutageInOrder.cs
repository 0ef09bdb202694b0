using System.Net.Sockets;

namespace Tests.Middleware.Crash;

/// <summary>An endpoint in order by key whose receiver is away: nobody listens, or nobody answers. A kill comes meanwhile.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class OutageInOrder
{
    private const int Keys = 10;
    private const int EventsOfALife = 60;

    [Theory(Timeout = CrashStage.TestLimit)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task All_events_come_in_order_once_the_receiver_is_back(bool hangs, bool inBatches)
    {
        await using var stage = await CrashStage.SetAsync();
        await using var receiver = new OrderedReceiver(static _ => false, stage.Random);
        var port = LoopbackPort.Free();
        string[] settings =
        [
            $"DATA_DIR={stage.Folder}", "EXTERNAL_ENDPOINT_URL=", "ALLOWED_NETWORKS=127.0.0.0/8", $"Endpoints__ordered__url=http://127.0.0.1:{port}/", "Endpoints__ordered__ordering=key",
            "Endpoints__ordered__workers=4", "Endpoints__ordered__timeout=500ms", "Endpoints__ordered__max_retries=1", "Endpoints__ordered__base_delay=50ms",
            "Endpoints__ordered__redelivery_schedule=1s,1s,1s,1s,1s,1s,1s,1s,1s,1s", .. inBatches ? (string[])["Endpoints__ordered__batch__max_size=10", "Endpoints__ordered__batch__max_wait=20ms"] : [],
        ];
        using var silent = hangs ? new TcpListener(IPAddress.Loopback, port) : null;
        silent?.Start();
        for (receiver.Life = 1; ; receiver.Life++)
        {
            using var service = await ServiceProcess.StartAsync("Middleware.Api", settings);
            using var client = new HttpClient { BaseAddress = service.Address };
            for (var number = 0; number < EventsOfALife; number++)
            {
                await AcceptAsync(client, ((receiver.Life - 1) * EventsOfALife) + number);
            }

            // The first of each key waits for its next attempt, or the circuit is open.
            await Waiting.Until(async () => await client.GetStringAsync("/api/v1/endpoints/ordered/health", Waiting.Cancellation) is var health
                && !health.Contains("\"state\":\"healthy\"", StringComparison.Ordinal) && !health.Contains("\"held\":0,", StringComparison.Ordinal));
            if (receiver.Life == 1)
            {
                await service.KillAsync();
                continue;
            }

            silent?.Stop();
            await receiver.StartAsync(port);
            await Waiting.WithinTheTest(() => Enumerable.Range(0, 2 * EventsOfALife).All(number => receiver.HasDelivered(KeyOf(number), number)) || receiver.Faults.Count > 0);
            Assert.Empty(receiver.Faults);
            Assert.Equal(0, await service.StopAsync());
            return;
        }
    }

    private static string KeyOf(int number) => $"k{number % Keys}";

    private static async Task AcceptAsync(HttpClient client, int number)
    {
        var body = $$"""{"source":"{{KeyOf(number)}}","event_type":"t","severity":"{{(number % 3 == 0 ? "critical" : "low")}}","message":"{{number}}"}""";
        await client.SendJson(HttpMethod.Post, "/integrations/events", body).HasStatus(HttpStatusCode.OK);
    }
}
