using Microsoft.Extensions.Logging;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public sealed class LaneHostTests : OnALane
{
    private readonly ListStore _store = new();

    [Fact]
    public async Task So_many_deliveries_run_at_once_as_there_are_workers()
    {
        Client.Hold();
        var stage = await Start(Made.Endpoint(workers: 3));
        await stage.Accept(20);

        await Waiting.Until(() => Client.Running == 3);
        Assert.Equal(3, Client.Sent.Count);

        Client.Release();
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal((20, 3), (Client.Sent.Count, Client.MostAtOnce));
    }

    [Fact]
    public async Task An_endpoint_that_is_registered_anew_under_its_id_is_served_as_it_is_now()
    {
        Client.Hold();
        var stage = await Start(Made.Endpoint() with { Layout = LaneLayout.Of(2).To(1) });

        stage.Endpoints.Set(Made.Endpoint(workers: 3));
        await stage.Accept(3);

        await Waiting.Until(() => Client.Running == 3);
        Client.Release();
        await stage.StopAsync();
    }

    [Fact]
    public async Task A_defect_ends_no_worker_and_its_delivery_is_a_dead_letter_without_a_schedule()
    {
        Client.Answer = delivery => delivery.Sequence <= 2 ? throw new InvalidOperationException("a defect") : Made.Delivered();
        var stage = await Start(Made.Endpoint(), _store);

        _store.Commit(5);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([1, 2, 3, 4, 5], Client.Sent.Select(delivery => delivery.Sequence));
        Assert.True(stage.IsRunning);
        Assert.Equal(["defect", "defect", null, null, null], _store.Recorded.Select(one => one.Attempt.Reason));
        Assert.All(_store.Recorded.Take(2), one => Assert.Equal(DeliveryOutcome.DeadLetter(), Assert.Single(one.Outcomes)));
        var lines = stage.Log.Of("a defect of the service").ToList();
        Assert.Equal(Client.Sent.Take(2).Select(delivery => delivery.Event.IdText), lines.Select(line => line.Values["eventId"]));
        Assert.All(lines, line => Assert.Equal((LogLevel.Critical, "a defect"), (line.Level, line.Exception?.Message)));
    }

    [Fact]
    public async Task A_defect_of_a_batch_is_one_of_each_of_its_deliveries()
    {
        Client.AnswerBatch = _ => throw new InvalidOperationException("a defect");
        _store.Commit(3);
        var stage = await Start(Made.Endpoint() with { Batch = new BatchPlan(3, TimeSpan.Zero) }, _store);

        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([.. Enumerable.Repeat(DeliveryOutcome.DeadLetter(), 3)], Assert.Single(_store.Recorded).Outcomes);
    }

    [Fact]
    public async Task A_delivery_that_failed_is_over_and_its_failure_logged()
    {
        Client.Answer = _ => Made.Failed();
        var stage = await Start(Made.Endpoint());

        await stage.Accept(1);
        await Waiting.Until(() => stage.Pending == 0);
        await stage.StopAsync();

        var line = Assert.Single(stage.Log.Errors);
        Assert.Equal("failed to send event", line.Message);
        Assert.Equal(("http_500", "c-1", Client.Sent[0].Event.IdText), (line.Values["reason"], line.Values["correlationId"], line.Values["eventId"]));
    }

    [Fact]
    public async Task What_was_pending_before_the_start_is_delivered()
    {
        _store.Commit(3_000);

        var stage = await Start(Made.Endpoint(), _store);
        _store.Commit(10);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal(Enumerable.Range(1, 3_010).Select(number => (long)number), Client.Sent.Select(delivery => delivery.Sequence));
    }

    [Fact]
    public async Task Without_an_endpoint_it_runs_and_stops()
    {
        var stage = await Start(null);
        Assert.True(stage.IsRunning);
        await stage.Accept(1);

        await stage.StopAsync();

        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task An_endpoint_that_is_added_while_running_has_a_lane_of_its_own()
    {
        var stage = await Start(Made.Endpoint());
        Client.Hold();
        await stage.Accept(5);
        await Waiting.Until(() => Client.Running == 1);

        var added = Made.Endpoint("added", workers: 2);
        stage.Endpoints.Set(added);
        await stage.Accept(5);
        await Waiting.Until(() => Client.Running == 3);
        Assert.Equal(2, Client.Sent.Count(delivery => delivery.EndpointId == added.Id));

        Client.Release();
        await Waiting.Until(() => stage.Pending == 0);
    }

    [Fact]
    public async Task A_changed_number_of_workers_acts_at_once_and_cuts_no_delivery_off()
    {
        var stage = await Start(Made.Endpoint());
        Client.Hold();
        await stage.Accept(20);
        await Waiting.Until(() => Client.Running == 1);

        stage.Endpoints.Set(Made.Endpoint(workers: 4));
        await Waiting.Until(() => Client.Running == 4);
        stage.Endpoints.Set(Made.Endpoint(workers: 2));
        Assert.Equal(4, Client.Running);

        var before = Client.Sent.Count;
        Client.Release();
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal((4, 20), (before, Client.Sent.Count));

        Client.Hold();
        await stage.Accept(20);
        await Waiting.Until(() => Client.Running == 2);
        Client.Release();
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task What_waits_for_a_disabled_endpoint_is_kept_and_delivered_when_it_is_enabled()
    {
        var disabled = Made.Endpoint(queueSize: 10) with { Disabled = DisabledReason.Operator };
        var stage = await Start(disabled);

        await stage.Accept(20);
        Assert.Equal((20, 0), (stage.Pending, Client.Sent.Count));

        stage.Endpoints.Set(disabled with { Disabled = null });
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal(20, Client.Sent.Count);
    }

    [Fact]
    public async Task A_removed_endpoint_is_sent_nothing_more()
    {
        var stage = await Start(Made.Endpoint(), _store);
        Client.Hold();
        _store.Commit(5);
        await Waiting.Until(() => Client.Running == 1);

        stage.Endpoints.Remove(EndpointId.Default);
        Client.Release();
        await Waiting.Until(() => _store.Waiting(EndpointId.Default) == 4);
        await stage.StopAsync();

        Assert.Single(Client.Sent);
    }

    [Fact]
    public async Task A_worker_that_ends_by_a_defect_is_noted_and_another_goes_on_after_a_pause()
    {
        var stage = await Start(Made.Endpoint(), _store);

        // It fails where the defect of the delivery is noted first, so that the defect is the worker's own.
        stage.Log.Before = noted =>
        {
            if (noted.Level == LogLevel.Critical)
            {
                stage.Log.Before = null;
                throw new InvalidOperationException("the log fails", noted.Exception);
            }
        };
        Client.Answer = delivery => delivery.Sequence == 1 ? throw new InvalidOperationException("a defect") : Made.Delivered();

        var (pause, before) = (TimeSpan.FromSeconds(1), Clock.Waits.Count(static wait => wait == TimeSpan.FromSeconds(1)));
        _store.Commit(3);
        await Waiting.Until(() => Client.Sent.Count == 1 && Client.Running == 0);
        await Clock.Pass(pause, before + 1);
        await Waiting.Until(() => stage.Pending == 1);

        Assert.Equal([1, 2, 3], Client.Sent.Select(delivery => delivery.Sequence));
        Assert.True(stage.IsRunning);
        var line = Assert.Single(stage.Log.Of("a defect of the service"));
        Assert.Equal(("worker", "default", "the log fails"), (line.Values["part"], line.Values["endpoint"], line.Exception?.Message));
    }
}
