using CsCheck;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage;

/// <summary>Does the same things to a store and to a plain list and asks both after each.</summary>
internal static class EventStoreModel
{
    private static readonly WebhookEndpoint[] Endpoints =
        [Made.Endpoint("small", queueSize: 12), Made.Endpoint("large", queueSize: 60), Made.Endpoint("parking", queueSize: 1, whenFull: WhenFull.Park)];

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (5, Gen.Select(Gen.Int[0, 3].Select(number => (Priority)number), Gen.Int[0, 7], (priority, which) => (Step)new Accept(priority, which))),
        (3, Gen.Int[0, 200].Select(which => (Step)new Record(which))),
        (1, Gen.Int[0, 200].Select(which => (Step)new Expire(which))),
        (2, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3].Select(number => (Priority)number), Gen.Int[0, 80], Gen.Int[0, 20], (which, priority, after, limit) => (Step)new Read(which, priority, after, limit))));

    public static Task Check(Func<Task<SqlEventStore>> create) => Steps.Array[1, 150].SampleAsync(steps => Run(create, steps), iter: 100, threads: 1);

    private static async Task Run(Func<Task<SqlEventStore>> create, Step[] steps)
    {
        var sink = new RecordingSink();
        using var store = await create();
        await store.OpenAsync(sink, Waiting.Cancellation);
        var pending = new List<Delivery>();

        foreach (var step in steps)
        {
            switch (step)
            {
                case Accept accept:
                    var endpoints = Endpoints.Where((_, index) => (accept.Which & (1 << index)) != 0).ToList();
                    var isTaken = endpoints.Count == 0 || endpoints.Exists(endpoint => endpoint.Queue.Admits(accept.Priority, Waits(endpoint)));
                    var before = sink.Told.Count;

                    var routed = new RoutedEvent(Made.Event(accept.Priority), [.. endpoints]);
                    var result = await store.AcceptAsync([routed], null, Waiting.Cancellation).InTime();

                    Assert.Equal(isTaken ? AcceptOutcome.Accepted : AcceptOutcome.QueueFull, result.Events[0].Outcome);
                    Assert.Equal(before + (isTaken ? endpoints.Count : 0), sink.Told.Count);
                    pending.AddRange(sink.Told.Skip(before));
                    break;

                case Record or Expire when sink.Told.Count > 0:
                    // Also what was recorded before: it must change nothing.
                    var ended = sink.Told[(step is Record { Which: var which } ? which : ((Expire)step).Which) % sink.Told.Count];
                    await (step is Record
                        ? store.RecordAsync(ended, Made.Delivered(), Waiting.Cancellation)
                        : store.ExpireAsync(Shipment.Of(ended), Waiting.Cancellation));
                    pending.RemoveAll(delivery => delivery.Sequence == ended.Sequence && delivery.EndpointId == ended.EndpointId);
                    await Waiting.Until(() => store.Waiting(ended.EndpointId) <= pending.Count(delivery => delivery.EndpointId == ended.EndpointId));
                    break;

                case Read read:
                    var endpointId = Endpoints[read.Which].Id;
                    var page = await store.ReadPendingAsync(LaneId.Whole(endpointId), read.Priority, read.After, new PageLimit(read.Limit, long.MaxValue), Waiting.Cancellation).InTime();
                    var expected = pending
                        .Where(delivery => delivery.EndpointId == endpointId && delivery.Priority == read.Priority && delivery.Sequence > read.After)
                        .Take(read.Limit);
                    Assert.Equal(expected.Select(delivery => delivery.Sequence), page.Deliveries.Select(delivery => delivery.Sequence));
                    break;
            }

            Assert.All(Endpoints, endpoint => Assert.Equal(Waits(endpoint), store.Waiting(endpoint.Id)));
        }

        int Waits(WebhookEndpoint endpoint) => pending.Count(delivery => delivery.EndpointId == endpoint.Id);
    }

    private abstract record Step;

    private sealed record Accept(Priority Priority, int Which) : Step;

    private sealed record Record(int Which) : Step;

    private sealed record Expire(int Which) : Step;

    private sealed record Read(int Which, Priority Priority, long After, int Limit) : Step;
}
