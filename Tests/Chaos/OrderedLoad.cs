using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Tests.Chaos;

/// <summary>Events of many keys for an endpoint in order by key, posted through both replicas in turn, and a receiver that refuses some of them at first.</summary>
internal sealed class OrderedLoad
{
    /// <summary>The members of the endpoint.</summary>
    public const string Members = """ "workers":8,"ordering":"key","ordering_key":"customer","max_retries":3,"base_delay":"100ms" """;

    private const int Posters = 4;
    private const int KeysOfEach = 10;
    private const int Step = 400;

    private readonly ReplicaStage _stage;
    private readonly ConcurrentDictionary<string, int> _refused = [];
    private readonly ConcurrentDictionary<string, List<string>> _accepted = [];
    private readonly Task _posting;
    private volatile bool _isOver;

    /// <summary>Starts it.</summary>
    public OrderedLoad(ReplicaStage stage)
    {
        _stage = stage;
        stage.Held.StatusAtOnce = StatusOf;
        stage.Held.IsHolding = false;
        _posting = Task.WhenAll(Enumerable.Range(0, Posters).Select(PostAsync));
    }

    public async Task UntilMoreAreAccepted()
    {
        var before = _accepted.Values.Sum(static ids => ids.Count);
        await Waiting.Until(() => _accepted.Values.Sum(static ids => ids.Count) >= before + Step);
    }

    /// <summary>Ends it, waits until nothing is pending, and checks that each event came, and in its order. Only what was under way in a fault came twice.</summary>
    public async Task EndAsync(TimeSpan faultBegan, TimeSpan faultEnded)
    {
        _isOver = true;
        await _posting;
        await Waiting.Until(async () => await _stage.Database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM held)") == 0);
        var received = _stage.Receiver.Of(ReplicaStage.Endpoint);
        var came = received.All.Where(static request => request.IsSuccess).SelectMany(static request => request.Events).ToHashSet();
        Assert.All(_accepted, of => Assert.Empty(received.OutOfOrder(of.Value)));
        Assert.DoesNotContain(_accepted.Values.SelectMany(static ids => ids), id => !came.Contains(id));
        Assert.False(_refused.IsEmpty);
        Assert.All(received.Duplicates.Keys, id => Assert.Contains(
            received.All, request => request.Events.Contains(id) && request.Began <= faultEnded && !(request.Ended < faultBegan - ReplicaStage.AdoptAfter)));
    }

    /// <summary>Posts one event of each key after the other.</summary>
    private async Task PostAsync(int poster)
    {
        for (var number = 0; !_isOver; number++)
        {
            var key = $"k{poster}-{number % KeysOfEach}";
            var replica = (number + (number / KeysOfEach)) % 2 == 0 ? _stage.Owner : _stage.Other;
            if (!replica.IsUp)
            {
                replica = replica == _stage.Owner ? _stage.Other : _stage.Owner;
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

    /// <summary>Refuses one event in twenty, twice.</summary>
    private int StatusOf(string id) =>
        Convert.ToInt32(id[^2..], 16) % 20 == 0 && _refused.AddOrUpdate(id, 1, static (_, times) => times + 1) <= 2 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
}
