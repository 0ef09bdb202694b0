using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Events;
using Tests.Middleware;

namespace Tests.Tracing;

/// <summary>Listeners are the process's: what listens and what sees that nobody does run by themselves.</summary>
[CollectionDefinition(nameof(Listening), DisableParallelization = true)]
public sealed class Listening;

[Collection(nameof(Listening))]
public sealed class NobodyListens
{
    private const string Sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string NotSampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    private static readonly Uri Url = new("http://receiver.test/hook");

    private readonly TestClock _clock = new();

    [Fact]
    public void Without_a_listener_nothing_is_built() => Assert.Equal(0, BuiltFor(Sampled));

    [Fact]
    public void With_a_listener_nothing_is_built_for_what_is_not_sampled()
    {
        var asked = 0;
        using var listener = Listen(() => asked++);

        Assert.Equal(0, BuiltFor(NotSampled));
        Assert.Equal(0, asked);
        Assert.NotEqual(0, BuiltFor(Sampled));
    }

    [Fact]
    public async Task Without_a_listener_no_span_is_current_when_an_event_is_delivered()
    {
        await using var service = MiddlewareService.InMemory();
        var current = new List<Activity?>();
        service.Receiver.Answer = _ =>
        {
            current.Add(Activity.Current);
            return Made.Delivered();
        };

        using var answer = await service.PostEvent(ServiceRequests.Valid, $"traceparent: {Sampled}");
        await service.Delivered(1);

        Assert.Equal([null], current);
    }

    [Fact]
    public async Task Workers_do_not_live_on_in_the_trace_of_the_request_that_started_them()
    {
        using var listener = Listen(() => 0);
        await using var service = MiddlewareService.InMemory(("ALLOWED_NETWORKS", "127.0.0.0/8"));
        var current = new System.Collections.Concurrent.ConcurrentQueue<(string Endpoint, Activity? Current)>();
        service.Receiver.Answer = delivery =>
        {
            current.Enqueue((delivery.EndpointId.Value, Activity.Current));
            return Made.Delivered();
        };
        _ = service.Http;
        await service.Ask(
            HttpMethod.Post, ServiceRequests.Endpoints, HttpStatusCode.Created, """{"name":"later","url":"http://127.0.0.1:2/hook"}""", $"traceparent: {Sampled}");

        using var answer = await service.PostEvent(ServiceRequests.Valid, $"traceparent: {NotSampled}");
        await Waiting.Until(() => current.Count == 2);

        Assert.All(current, static seen => Assert.Null(seen.Current));
    }

    [Fact]
    public async Task A_listener_that_fails_as_a_delivery_starts_leaves_a_dead_letter_and_no_row_that_nobody_sees()
    {
        using var listener = Listen(() => 0);
        listener.ActivityStarted = static span =>
        {
            if (span.OperationName == "deliver default")
            {
                throw new InvalidOperationException("the listener fails");
            }
        };
        await using var service = MiddlewareService.InMemory();

        using var answer = await service.PostEvent(ServiceRequests.Valid, $"traceparent: {Sampled}");
        await Waiting.Until(() => service.Waits == 0);

        Assert.Empty(service.Receiver.Sent);
        var line = Assert.Single(service.Log.Of("a defect of the service"));
        Assert.Equal(("delivery", "the listener fails"), (line.Values["part"], line.Exception?.Message));
    }

    /// <summary>The bytes that the spans of accepting and delivering an event cost.</summary>
    private long BuiltFor(string traceParent)
    {
        var context = new DefaultHttpContext { TraceIdentifier = "c-1" };
        context.Request.Headers.TraceParent = traceParent;
        var single = Shipment.Of(Delivery.Of(Made.Event(traceParent: traceParent), 1, EndpointId.Default));
        var batch = single with { BatchId = single.First.Event.Id };
        var delivered = Made.Delivered();
        Spans();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Spans();
        return GC.GetAllocatedBytesForCurrentThread() - before;

        void Spans()
        {
            using (AcceptTraces.StartAccept(context.TraceIdentifier, context.Request.Headers.TraceParent))
            {
                using var commit = AcceptTraces.StartCommit();
                AcceptTraces.Committed(commit, [], new AcceptResult(AcceptKind.Judged));
            }

            using (var together = DeliveryTraces.StartDeliver(batch, _clock))
            {
                DeliveryTraces.Delivered(together, delivered, DeliveryOutcome.Delivered);
            }

            using var deliver = DeliveryTraces.StartDeliver(single, _clock);
            using (var attempt = DeliveryTraces.StartTry(Url, 1))
            {
                DeliveryTraces.Tried(attempt, delivered);
            }

            DeliveryTraces.Delivered(deliver, delivered, DeliveryOutcome.Delivered);
        }
    }

    private static ActivityListener Listen(Func<int> asked)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "AspireIntegration.Middleware" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
            {
                asked();
                return options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None;
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
