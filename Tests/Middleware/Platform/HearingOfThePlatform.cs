using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Platform;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Platform;

public sealed class HearingOfThePlatform() : OnAService(MiddlewareService.WithoutEndpoint())
{
    [Fact]
    public async Task An_operators_endpoint_hears_of_another_that_is_disabled()
    {
        var (operatorsId, other) = (await CreateOperators(), await Create("other"));
        Service.Receiver.StatusAt[other] = 410;

        await Service.Accept();

        var heard = await Heard(operatorsId, "endpoint_disabled");
        Assert.Equal(("aspire-integration", "error", "high"), ((string)heard["source"]!, (string)heard["severity"]!, (string)heard["priority"]!));
        Assert.Equal($"The endpoint other ({other}) is disabled: it answered 410. Its events wait until it is enabled.", (string?)heard["message"]);
        Assert.Equal($$"""{"endpoint_id":"{{other}}","reason":"gone"}""", heard["metadata"]!.ToJsonString());
        var timeline = await Service.Ask(HttpMethod.Get, $"/api/v1/events/{heard["event_id"]}", HttpStatusCode.OK);
        Assert.Equal("aspire-integration", (string?)timeline["source"]);
    }

    [Fact]
    public async Task It_hears_that_dead_letters_begin_to_grow_and_again_only_after_a_minute_without_any()
    {
        var (operatorsId, other) = (await CreateOperators(), await Create("other"));
        Service.Receiver.StatusAt[other] = 404;
        var first = await Service.Accept();

        var heard = await Heard(operatorsId, "dead_letters_growing");
        Assert.Equal($$"""{"endpoint_id":"{{other}}","reason":"http_404","event_id":"{{first}}"}""", heard["metadata"]!.ToJsonString());

        for (var times = 0; times < 3; times++)
        {
            Service.Clock.Advance(TimeSpan.FromSeconds(59));
            await Service.UntilStatus(await Service.Accept(), other, "dead_letter");
        }

        Service.Clock.Advance(TimeSpan.FromSeconds(61));
        var last = await Service.Accept();
        await Waiting.Until(() => HeardOf(operatorsId, "dead_letters_growing").Count == 2);
        Assert.Equal(last, (string?)HeardOf(operatorsId, "dead_letters_growing")[1]["metadata"]!["event_id"]);
    }

    [Fact]
    public async Task No_endpoint_hears_of_itself()
    {
        var (first, second) = (await CreateOperators("{}"), await CreateOperators("{}"));
        Service.Receiver.StatusAt[first] = 410;
        await Service.Accept();
        Assert.Equal(first, (string?)(await Heard(second, "endpoint_disabled"))["metadata"]!["endpoint_id"]);

        // The first goes, so nobody is left to hear of the second.
        Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{first}?waiting=dead-letter", null, "If-Match: *"));
        await Service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{second}/disable", HttpStatusCode.OK);
        await Service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{second}/enable", HttpStatusCode.OK);
        var last = await Service.Accept();
        await Service.UntilStatus(last, second, "delivered");
        Assert.Empty(HeardOf(first, "endpoint_disabled"));
        Assert.Single(HeardOf(second, "endpoint_disabled"));
        var told = await Service.Ask(HttpMethod.Get, "/api/v1/events?event_type=endpoint_disabled", HttpStatusCode.OK);
        Assert.Single(told["items"]!.AsArray());
    }

    [Fact]
    public async Task It_hears_of_a_circuit_that_opened_but_not_of_its_probes_that_fail()
    {
        var (operatorsId, other) = (await CreateOperators(), new EndpointId(await Create("other")));
        var circuits = Service.Services.GetRequiredService<Circuits>();
        var opening = new CircuitOpening(new Dictionary<string, int> { ["timeout"] = 15 }, 20, Circuit.ShortestOpening);

        circuits.Tell(other, opening);
        circuits.Tell(other, opening);
        circuits.Tell(other, opening with { OpenFor = Circuit.ShortestOpening * 2 });

        var heard = await Heard(operatorsId, "circuit_opened");
        Assert.Equal($"The circuit of the endpoint other ({other}) opened: 15 of 20 attempts failed (timeout 15). Its events wait.", (string?)heard["message"]);
        Assert.Equal($$"""{"endpoint_id":"{{other}}","tries":20,"failures":15}""", heard["metadata"]!.ToJsonString());

        Service.Clock.Advance(TimeSpan.FromMinutes(2));
        circuits.Tell(other, opening with { OpenFor = Circuit.ShortestOpening * 4 });
        circuits.Tell(other, opening with { Tries = 30 });
        await Waiting.Until(() => HeardOf(operatorsId, "circuit_opened").Count == 2);
        Assert.Equal(30, (int)HeardOf(operatorsId, "circuit_opened")[1]["metadata"]!["tries"]!);
    }

    [Fact]
    public void What_finds_no_room_is_said()
    {
        var (clock, log, endpoints) = (new TestClock(), new CapturedLog(), new EndpointRegistry());
        var circuits = new Circuits(clock, log.For<Circuits>());
        using var route = new RouteEvent(endpoints, Made.Metrics(), clock, log.For<RouteEvent>());
        using var accept = new AcceptEvent(new ListStore(), route, Made.Metrics(), clock, log.For<AcceptEvent>());
        using var platform = new PlatformEvents(accept, endpoints, clock, log.For<PlatformEvents>());
        circuits.Opened += platform.Opened;

        // Nobody takes them: its loop rests after a defect.
        var opening = new CircuitOpening(new Dictionary<string, int> { ["timeout"] = 15 }, 20, Circuit.ShortestOpening);
        for (var number = 1; number <= PlatformEvents.MostWaiting + 130; number++)
        {
            circuits.Tell(new EndpointId($"ep_{number}"), opening);
        }

        var lines = log.Of("event of the platform not posted").ToList();
        Assert.Equal(100, lines.Count);
        Assert.Equal((LogLevel.Warning, "circuit_opened", $"ep_{PlatformEvents.MostWaiting + 1}"), (lines[0].Level, lines[0].Values["eventType"], lines[0].Values["endpoint"]));
        Assert.Equal("too many others wait to be posted", lines[0].Values["error"]);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(30, Assert.Single(log.Of("event of the platform not posted: more in the last second")).Values["leftOut"]);
    }

    private async Task<string> CreateOperators(string filter = """{"sources":["aspire-integration"]}""") => await Create("operators", filter);

    private async Task<string> Create(string name, string filter = """{"sources":["tests"]}""") =>
        (string)(await Service.Create($$"""{"name":"{{name}}","url":"https://{{name}}.example/","redelivery_schedule":[],"filter":{{filter}}}"""))["id"]!;

    private async Task<JsonNode> Heard(string endpoint, string eventType)
    {
        await Waiting.Until(() => HeardOf(endpoint, eventType).Count > 0);
        return Assert.Single(HeardOf(endpoint, eventType));
    }

    private List<JsonNode> HeardOf(string endpoint, string eventType) =>
    [
        .. Service.Receiver.Sent
            .Where(sent => sent.EndpointId.Value == endpoint && sent.Event.EventType == eventType)
            .Select(static sent => JsonNode.Parse(Encoding.UTF8.GetString(sent.Event.Payload.Span))!),
    ];
}
