using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Tests.Chaos;

/// <summary>The order by key of an endpoint whose lane moves between replicas, while both accept.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class MovingInOrder
{
    private const int Posters = 4;
    private const int KeysOfEach = 10;

    private readonly ConcurrentDictionary<string, int> _refused = [];
    private readonly ConcurrentDictionary<string, List<string>> _accepted = [];
    private volatile bool _isOver;

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task No_event_overtakes_another_of_its_key_when_its_lane_moves()
    {
        await using var stage = await ReplicaStage.SetAsync(members: """ "workers":8,"ordering":"key","ordering_key":"customer","max_retries":3,"base_delay":"100ms" """);
        stage.Held.StatusAtOnce = StatusOf;
        stage.Held.IsHolding = false;
        var posting = Enumerable.Range(0, Posters).Select(poster => PostAsync(stage, poster)).ToList();
        await UntilMoreAreAccepted();

        // A kill, whose attempts under way are repeated; then a hand-over, which repeats none.
        var first = stage.Owner;
        var killed = stage.Receiver.Now;
        await first.KillAsync();
        Assert.NotNull(await stage.Slots.UntilOwnedAsync(ReplicaStage.AdoptAfter, (replica, _) => replica == first.Name));
        var moved = stage.Receiver.Now;
        await UntilMoreAreAccepted();
        await first.StartAsync();
        await Waiting.Until(async () => (await stage.Slots.ReadAsync()).Count == 2);
        await UntilMoreAreAccepted();
        await stage.Other.StopAsync();
        await UntilMoreAreAccepted();

        _isOver = true;
        await Task.WhenAll(posting);
        await Waiting.Until(async () => await stage.Database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM held)") == 0);
        var received = stage.Receiver.Of(ReplicaStage.Endpoint);
        Assert.All(_accepted, of => Assert.Empty(received.OutOfOrder(of.Value)));
        Assert.All(_accepted.Values.SelectMany(static ids => ids), id => Assert.Contains(received.All, request => request.IsSuccess && request.Events.Contains(id)));
        Assert.False(_refused.IsEmpty);
        Assert.All(received.Duplicates.Keys, id => Assert.Contains(received.All, request => request.Events.Contains(id) && request.Began <= moved && !(request.Ended < killed - ReplicaStage.AdoptAfter)));
    }

    /// <summary>Posts one event of each key after the other, through both replicas in turn.</summary>
    private async Task PostAsync(ReplicaStage stage, int poster)
    {
        for (var number = 0; !_isOver; number++)
        {
            var key = $"k{poster}-{number % KeysOfEach}";
            var replica = (number + (number / KeysOfEach)) % 2 == 0 ? stage.Owner : stage.Other;
            if (!replica.IsUp)
            {
                replica = replica == stage.Owner ? stage.Other : stage.Owner;
            }

            try
            {
                using var answer = await ReplicaStage.PostAsync(replica, $$""","metadata":{"customer":"{{key}}"}""");
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    _accepted.GetOrAdd(key, static _ => []).Add((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!["event_id"]!);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // It was killed; what had no answer may have been accepted.
            }
        }
    }

    private async Task UntilMoreAreAccepted()
    {
        var before = _accepted.Values.Sum(static ids => ids.Count);
        await Waiting.Until(() => _accepted.Values.Sum(static ids => ids.Count) >= before + 400);
    }

    /// <summary>Refuses one event in twenty, twice.</summary>
    private int StatusOf(string id) =>
        Convert.ToInt32(id[^2..], 16) % 20 == 0 && _refused.AddOrUpdate(id, 1, static (_, times) => times + 1) <= 2 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
}
