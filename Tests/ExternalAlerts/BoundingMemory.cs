using System.Text;
using ExternalAlerts;

namespace Tests.ExternalAlerts;

/// <summary>The memory of the service, in 256 MiB of heap.</summary>
[Trait("Speed", "Slow")]
public class BoundingMemory
{
    private const string Project = "ExternalAlerts.Api";
    private const string Heap = "DOTNET_GCHeapHardLimit=10000000";
    private const string Path = "/external/alerts";

    [Fact(Timeout = 180_000)]
    [RunsNatively]
    public async Task A_body_of_nothing_but_small_alerts_is_refused_and_costs_little()
    {
        using var service = await ServiceProcess.StartAsync(Project, Heap);
        using var http = new HttpClient { BaseAddress = service.Address };
        var body = Encoding.UTF8.GetBytes($"[{{}}{string.Concat(Enumerable.Repeat(",{}", (AlertRoutes.MaxBodyBytes / 3) - 2))}]");

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => PostAsync(http, body)));

        Assert.All(answers, static answer => Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "The array has more than 1000 items: send them in smaller ones."), answer));
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact]
    public async Task A_thousand_alerts_are_received_at_once_and_no_more()
    {
        await using var service = new AlertsService();
        var most = string.Join(',', Enumerable.Repeat("{}", AlertReader.MaxAlerts));

        using var received = await service.Post($"[{most}]");
        await service.Post($"[{most},{{}}]").IsFault(HttpStatusCode.RequestEntityTooLarge, "The array has more than 1000 items: send them in smaller ones.");

        Assert.Equal(HttpStatusCode.OK, received.StatusCode);
        Assert.Equal(AlertReader.MaxAlerts, (int)(await service.Get("/external/alerts/stats"))["received"]!);
    }

    [Fact(Timeout = 180_000)]
    [RunsNatively]
    public async Task The_headers_of_what_is_kept_are_bounded_too()
    {
        using var service = await ServiceProcess.StartAsync(Project, Heap);
        using var http = new HttpClient { BaseAddress = service.Address };

        await Parallel.ForEachAsync(Enumerable.Range(0, AlertLog.Kept), Waiting.Cancellation, async (number, _) =>
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(http, "{}"u8.ToArray(), $"{number}".PadRight(28_000, 'x'))).Status));

        var stats = JsonNode.Parse(await http.GetStringAsync(Path + "/stats", Waiting.Cancellation))!;
        Assert.Equal(AlertLog.Kept, (int)stats["received"]!);
        Assert.Equal(0, await service.StopAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    public void What_is_kept_weighs_no_less_than_it_costs(int length)
    {
        Assert.InRange(CostOf(() => Alert(length), static alert => alert.Weight, out var weight), 1, weight);
        Assert.InRange(CostOf(() => Try(length), static request => request.Weight, out weight), 1, weight);
    }

    /// <summary>The bytes that making it takes on this thread.</summary>
    private static long CostOf<T>(Func<T> make, Func<T, int> weigh, out int weight)
    {
        make();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var made = make();
        var cost = GC.GetAllocatedBytesForCurrentThread() - before;
        weight = weigh(made);
        return cost;
    }

    private static ReceivedAlert Alert(int length) => new()
    {
        ReceivedAt = default,
        CorrelationId = Text(length),
        EventId = Text(length),
        Attempt = 1,
        Headers = new ReceivedHeaders
        {
            ContentType = Text(length),
            TraceParent = Text(length),
            UserAgent = Text(length),
            WebhookId = Text(length),
            WebhookTimestamp = Text(length),
            WebhookSignature = Text(length),
            ReplayId = Text(length),
        },
        Alert = new byte[length],
    };

    private static AlertTry Try(int length) => new()
    {
        At = default,
        CorrelationId = Text(length),
        EventId = Text(length),
        WebhookId = Text(length),
        Attempt = 1,
        Alerts = 1,
        Fault = null,
    };

    private static string Text(int length) => new('x', length);

    private static async Task<(HttpStatusCode Status, string? Detail)> PostAsync(HttpClient http, byte[] body, string? id = null)
    {
        using var answer = await http.Send(HttpMethod.Post, Path, body, "application/json", $"webhook-id: {id ?? "none"}");
        return (answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!["detail"]);
    }
}
