using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Health;

[Trait("Store", "Any")]
public sealed class HealthOfEndpoints() : OnAService(MiddlewareService.InMemory())
{
    private const string Default = $"{ServiceRequests.Endpoints}/default";

    [Fact]
    public async Task Before_the_first_try_there_is_neither_rate_nor_duration() => Assert.Equal(
        """{"state":"healthy","circuit":"closed","success_rate":null,"consecutive_failures":0,"p95_ms":null,"waiting":0,"held":0,"oldest_waiting_s":0}""",
        await Health(Default));

    [Fact]
    public async Task Tries_of_the_last_5_minutes_tell_how_an_endpoint_is()
    {
        await Deliver(8, Answer(12, 200));
        Assert.Equal(
            """{"state":"healthy","circuit":"closed","success_rate":1,"consecutive_failures":0,"p95_ms":12,"waiting":0,"held":0,"oldest_waiting_s":0}""",
            await Health(Default));

        await Deliver(1, Answer(3_000, 503));
        await Deliver(1, Answer(3_000, 422));
        Assert.Equal(
            """{"state":"degraded","circuit":"closed","success_rate":0.8,"consecutive_failures":2,"p95_ms":3072,"waiting":0,"held":0,"oldest_waiting_s":0}""",
            await Health(Default));

        Service.Clock.Advance(RecentTries.Window);
        Assert.Equal(
            """{"state":"healthy","circuit":"closed","success_rate":null,"consecutive_failures":2,"p95_ms":null,"waiting":0,"held":0,"oldest_waiting_s":0}""",
            await Health(Default));
    }

    [Fact]
    public async Task It_fails_while_its_circuit_is_not_closed_and_what_waits_grows_old()
    {
        await Deliver(20, Answer(1, 500));
        using (await Service.PostEvent(ServiceRequests.Valid))
        {
            await Service.Clock.WaitBegun(Circuit.ShortestOpening);
            Service.Clock.Advance(TimeSpan.FromSeconds(14.9));
        }

        Assert.Equal(
            """{"state":"failing","circuit":"open","success_rate":0,"consecutive_failures":20,"p95_ms":1,"waiting":1,"held":0,"oldest_waiting_s":14}""",
            await Health(Default));

        Service.Receiver.Hold();
        Service.Clock.Advance(TimeSpan.FromSeconds(0.1));
        await Waiting.Until(() => Service.Receiver.Running == 1);
        Assert.Equal(
            """{"state":"failing","circuit":"half_open","success_rate":0,"consecutive_failures":20,"p95_ms":1,"waiting":1,"held":0,"oldest_waiting_s":15}""",
            await Health(Default));

        Service.Receiver.Answer = Answer(2, 200);
        Service.Receiver.Release();
        await Waiting.Until(() => Service.Waits == 0);
        Assert.Equal(
            """{"state":"degraded","circuit":"closed","success_rate":0.0476,"consecutive_failures":0,"p95_ms":1,"waiting":0,"held":0,"oldest_waiting_s":0}""",
            await Health(Default));
    }

    [Fact]
    public async Task A_disabled_one_is_disabled_and_each_item_bears_its_health()
    {
        var created = await Ask(HttpMethod.Post, ServiceRequests.Endpoints, HttpStatusCode.Created, """{"name":"pager","url":"https://pager.example/hook","filter":{"sources":["tests"]}}""");
        var path = $"{ServiceRequests.Endpoints}/{created["id"]}";
        await Ask(HttpMethod.Post, $"{path}/disable", HttpStatusCode.OK);
        await Deliver(1, Answer(1, 200), left: 1);
        Service.Clock.Advance(TimeSpan.FromSeconds(90));

        const string Expected = """{"state":"disabled","circuit":"closed","success_rate":null,"consecutive_failures":0,"p95_ms":null,"waiting":1,"held":0,"oldest_waiting_s":90}""";
        Assert.Equal(Expected, await Health(path));
        Assert.Equal(Expected, (await Ask(HttpMethod.Get, path, HttpStatusCode.OK))["health"]!.ToJsonString());
        var list = (await Ask(HttpMethod.Get, ServiceRequests.Endpoints, HttpStatusCode.OK))["items"]!.AsArray();
        Assert.Equal([1, 1], list.Select(static item => (int)item!["health"]![item["id"]!.ToString() == "default" ? "success_rate" : "waiting"]!));

        Assert.Equal("healthy", (string?)(await Ask(HttpMethod.Post, $"{path}/enable", HttpStatusCode.OK))["health"]!["state"]);
    }

    [Fact]
    public async Task At_another_url_it_begins_anew()
    {
        const string Definition = """{"name":"pager","url":"https://pager.example/hook","filter":{"sources":["tests"]}}""";
        var path = $"{ServiceRequests.Endpoints}/{(await Ask(HttpMethod.Post, ServiceRequests.Endpoints, HttpStatusCode.Created, Definition))["id"]}";
        await Deliver(3, Answer(1, 404));
        Assert.Equal(("degraded", 3), await Failures(path));

        await Ask(HttpMethod.Put, path, HttpStatusCode.OK, Definition.Replace("hook", "other", StringComparison.Ordinal));
        Assert.Equal(("healthy", 0), await Failures(path));

        // The built-in one hears of the other's dead letters too.
        Assert.Equal("degraded", (await Failures(Default)).State);
    }

    [Fact]
    public async Task That_of_an_unknown_one_is_not_found() => await Service.Http.GetAsync($"{ServiceRequests.Endpoints}/ep_1/health", Waiting.Cancellation)
        .IsProblem(HttpStatusCode.NotFound, "The endpoint is not known.", "There is no endpoint \"ep_1\": it was never registered, or was deleted.");

    private static Func<Delivery, Attempt> Answer(double milliseconds, int status) =>
        _ => Made.Attempt(status, FailureReason.FromStatus(status)) with { Duration = TimeSpan.FromMilliseconds(milliseconds) };

    /// <summary>Has events delivered, with these answers.</summary>
    private async Task Deliver(int count, Func<Delivery, Attempt> answer, int left = 0)
    {
        Service.Receiver.Answer = answer;
        await Service.Accept(count);
        await Waiting.Until(() => Service.WaitsInAll == left);
    }

    private async Task<string> Health(string path) => (await Ask(HttpMethod.Get, $"{path}/health", HttpStatusCode.OK)).ToJsonString();

    private async Task<(string? State, int InARow)> Failures(string path)
    {
        var health = await Ask(HttpMethod.Get, $"{path}/health", HttpStatusCode.OK);
        return ((string?)health["state"], (int)health["consecutive_failures"]!);
    }

    private Task<JsonNode> Ask(HttpMethod method, string path, HttpStatusCode expected, string? body = null) =>
        Service.Ask(method, path, expected, body, "If-Match: *");
}
