using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Tests.Middleware.Delivering;

/// <summary>The order by key of a service in a process of its own, whose receiver refuses some events.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class ServingInOrder : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _received = [];
    private readonly ConcurrentDictionary<string, int> _refused = [];
    private RunningMiddleware _service = null!;
    private WebReceiver _receiver = null!;
    private string _endpoint = "";

    private IReadOnlyList<string> Received => [.. _received];

    public async ValueTask InitializeAsync()
    {
        _receiver = await WebReceiver.StartAsync(AnswerAsync);
        _service = await RunningMiddleware.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _service.Dispose();
        await _receiver.DisposeAsync();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_failing_key_waits_in_order_and_the_others_go_on()
    {
        await Register(""" "ordering_key":"customer","max_retries":2,"base_delay":"200ms" """);
        Refuse("a1", 2);

        await Accept("a1", "a2", "b1", "a3", "b2");
        await UntilReceived("a3");

        Assert.Equal(["a1", "a1", "a1", "a2", "a3"], Received.Where(static name => name[0] == 'a'));
        Assert.Equal(["b1", "b2"], Received.Where(static name => name[0] == 'b'));
        Assert.True(Received.ToList().LastIndexOf("b2") < Received.ToList().IndexOf("a2"));
        await Waiting.Until(async () => await _service.Client.WaitingFor(_endpoint) == 0);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_key_waits_for_the_redelivery_schedule_and_goes_on_when_that_is_spent()
    {
        await Register(""" "ordering_key":"customer","max_retries":0,"redelivery_schedule":["200ms","200ms"] """);
        Refuse("a1", 3);

        await Accept("a1", "a2", "b1");
        await UntilReceived("a2");

        Assert.Equal(["a1", "a1", "a1", "a2"], Received.Where(static name => name[0] == 'a'));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("discard")]
    [InlineData("replay")]
    [InlineData("erase")]
    public async Task A_key_that_is_blocked_goes_on_once_an_operator_has_decided(string verb)
    {
        await Register(""" "ordering_key":"customer","on_exhausted":"block","max_retries":0,"redelivery_schedule":[] """);
        Refuse("a1", 1);
        var ids = await Accept("a1", "a2", "b1");
        await UntilReceived("b1");
        await Waiting.Until(async () => await Held() == 1);

        // Also a new process knows it.
        await _service.KillAndStartAsync();
        await Accept("a3", "b2");
        await UntilReceived("b2");
        await Waiting.Until(async () => await Held() == 2);
        Assert.DoesNotContain("a2", Received);
        await Decide(verb, ids[0]);
        await UntilReceived("a3");

        Assert.Equal(verb == "replay" ? ["a1", "a1", "a2", "a3"] : ["a1", "a2", "a3"], Received.Where(static name => name[0] == 'a'));
        await Waiting.Until(async () => await _service.Client.WaitingFor(_endpoint) == 0);
        Assert.Equal(0, await Held());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_that_expires_while_its_key_waits_lets_the_next_ones_go()
    {
        await Register(""" "ordering_key":"customer","max_retries":1,"base_delay":"1m" """);
        Refuse("a1", 1);

        await Accept(Event("a1", ""","expires_in":"1s" """));
        await Accept("a2");
        await UntilReceived("a2");

        Assert.Equal(["a1", "a2"], Received);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_batch_that_fails_keeps_the_order_of_each_of_its_keys()
    {
        await Register(""" "max_retries":1,"base_delay":"10ms","redelivery_schedule":["200ms"],"batch":{"max_size":10,"max_wait":"50ms"} """);
        Refuse("a1", 2);
        await _service.Client.Do(_endpoint, "disable");
        await Accept("a1", "b1", "a2", "b2");

        await _service.Client.Do(_endpoint, "enable");
        await Waiting.Until(async () => await _service.Client.WaitingFor(_endpoint) == 0 && Received.Count(static name => name is "a2" or "b2") == 2);

        Assert.Equal(["a1", "a1", "a1", "a2"], Received.Where(static name => name[0] == 'a'));
        Assert.Equal("b2", Received.Last(static name => name[0] == 'b'));
    }

    /// <summary>An event of the customer and the source that the first letter of its name says.</summary>
    private static string Event(string name, string more = "") =>
        $$"""{"source":"{{name[0]}}","event_type":"t","severity":"low","message":"{{name}}","metadata":{"customer":"{{name[0]}}"}{{more}}}""";

    private async Task Register(string members) =>
        _endpoint = (await _service.Client.Register($$"""{"name":"ordered","url":"{{_receiver.Url}}","ordering":"key","workers":4,{{members}}}""")).Id;

    private void Refuse(string name, int times) => _refused[name] = times;

    private async Task<List<string>> Accept(params string[] names)
    {
        var ids = new List<string>();
        foreach (var name in names)
        {
            using var answer = await _service.Client.PostAsync(name[0] == '{' ? name : Event(name));
            ids.Add(await MiddlewareClient.EventIdAsync(answer));
        }

        return ids;
    }

    private Task UntilReceived(string name) => Waiting.Until(() => Received.Contains(name));

    private async Task<int> Held() => (int)(await _service.Client.Get($"endpoints/{_endpoint}"))["health"]!["held"]!;

    private Task Decide(string verb, string id) => verb switch
    {
        "discard" => _service.Client.Discard($"{id}.{_endpoint}"),
        "replay" => _service.Client.Replay(id),
        _ => _service.Client.Ask(HttpMethod.Delete, $"/api/v1/events/{id}", HttpStatusCode.NoContent),
    };

    private async Task AnswerAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        List<string> names = [.. (body is JsonArray batch ? [.. batch] : new List<JsonNode?> { body }).Select(static one => (string)one!["message"]!)];
        names.ForEach(_received.Enqueue);
        context.Response.StatusCode = names.Exists(IsRefused) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
    }

    private bool IsRefused(string name) => _refused.TryGetValue(name, out var left) && left > 0 && _refused.TryUpdate(name, left - 1, left);
}
