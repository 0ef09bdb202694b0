using System.Net;
using System.Text.Json.Nodes;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Registry;

public sealed class ChangingUnderLoad : IAsyncDisposable
{
    private const int Clients = 4;
    private const int EventsEach = 60;

    private readonly RegistryStage _stage = new(("REDELIVERY_SCHEDULE", "1m"));

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task No_delivery_is_lost_while_endpoints_come_change_rest_and_go()
    {
        var stays = (string)(await _stage.Create(Definition("stays")))["id"]!;
        using var ended = new CancellationTokenSource();
        var changes = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ChangeUntil(ended.Token)));
        var accepted = (await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Accept()))).SelectMany(static ids => ids).ToList();
        await ended.CancelAsync();
        await changes;

        Assert.Equal(Clients * EventsEach, accepted.Distinct().Count());
        var decided = 0;
        foreach (var id in accepted)
        {
            var seen = await UntilNothingIsOwed(id);
            var deliveries = seen["deliveries"]!.AsArray();
            decided += deliveries.Count;
            Assert.Equal((int)seen["endpoints"]!, deliveries.Count);
            Assert.Equal("delivered", (string?)deliveries.Single(delivery => (string?)delivery!["endpoint_id"] == stays)!["status"]);
            Assert.All(deliveries, static delivery => Assert.Contains((string?)delivery!["status"], (string[])["delivered", "dead_letter"]));
        }

        // So it has tried what it says: others than the one that stays had their share.
        Assert.True(decided > accepted.Count, $"{decided} deliveries were decided for {accepted.Count} events");
    }

    private async Task<List<string>> Accept()
    {
        var ids = new List<string>();
        for (var number = 0; number < EventsEach; number++)
        {
            ids.Add((string)(await _stage.Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, DurableService.Event("tests")))["event_id"]!);
        }

        return ids;
    }

    private async Task ChangeUntil(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            var path = $"{RegistryStage.Path}/{(await _stage.Create(Definition("passes")))["id"]}";
            await _stage.Ask(HttpMethod.Post, $"{path}/disable", HttpStatusCode.OK);
            await _stage.Accept(1);
            await _stage.Ask(HttpMethod.Post, $"{path}/enable", HttpStatusCode.OK);
            Assert.Equal(HttpStatusCode.OK, await _stage.Status(HttpMethod.Put, path, Definition("changed"), "If-Match: *"));
            Assert.Equal(HttpStatusCode.NoContent, await _stage.Status(HttpMethod.Delete, $"{path}?waiting=dead-letter", null, "If-Match: *"));
        }
    }

    private async Task<JsonNode> UntilNothingIsOwed(string eventId)
    {
        while (true)
        {
            var seen = await _stage.Ask(HttpMethod.Get, $"/api/v1/events/{eventId}", HttpStatusCode.OK);
            if ((string?)seen["status"] != "pending")
            {
                return seen;
            }

            Waiting.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private static string Definition(string name) => $$"""{"name":"{{name}}","url":"https://{{name}}.example/hook","workers":2}""";
}
