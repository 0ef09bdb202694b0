using Middleware.Accepting;
using Middleware.DeadLetters;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;
using Middleware.Telemetry;

namespace Tests.Middleware.Storage.Sqlite;

/// <summary>Nothing that follows a commit fails it.</summary>
public sealed class AfterACommit : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly TestClock _clock = new();
    private readonly Defects _defects;
    private readonly SqlEventStore _store;
    private readonly RecordingSink _sink = new();

    public AfterACommit()
    {
        _defects = Made.Defects(_clock);
        _store = Made.Store(_clock, _folder.Path, _defects);
    }

    [Fact]
    public async Task A_lane_that_cannot_be_told_refuses_no_event_that_is_kept_and_reads_it_later()
    {
        _sink.FailuresOfCommits = 1;
        await _store.OpenAsync(_sink, Waiting.Cancellation);
        var routed = new RoutedEvent(Made.Event(), [Made.Endpoint()]);

        var result = await _store.AcceptAsync([routed], null, Waiting.Cancellation).InTime();

        Assert.Equal((AcceptKind.Judged, AcceptOutcome.Accepted), (result.Kind, result.Events[0].Outcome));
        Assert.Equal("store", _defects.Recent);
        Assert.Null(_store.Failure);
        await Waiting.Until(() => _sink.HasQueued.Any(static queued => queued.Sequence == 1));
        var pending = await _store.ReadPendingAsync(LaneId.Whole(EndpointId.Default), Priority.Low, 0, new PageLimit(10, long.MaxValue), Waiting.Cancellation);
        Assert.Equal(1, Assert.Single(pending.Deliveries).Sequence);
    }

    [Fact]
    public async Task What_is_accepted_for_an_endpoint_that_the_same_commit_closes_is_told_to_no_lane()
    {
        await _store.OpenAsync(_sink, Waiting.Cancellation);
        var endpoints = new SqlEndpoints(_store);
        var endpoint = Made.Endpoint("ep_1");
        Assert.True(await endpoints.SaveAsync(Made.Registered(endpoint), before: null, Actor.Service));

        // The writer sleeps in a change while both are handed in: so they are one group.
        using var held = await HeldWriter.OfAsync(_store);
        var accepted = _store.AcceptAsync([new RoutedEvent(Made.Event(), [endpoint])], null, Waiting.Cancellation);
        var removed = endpoints.RemoveAsync(endpoint.Id, 1, deadLetterWaiting: true, Actor.Service);
        held.GoOn();
        await held.EndAsync();
        await accepted.InTime();
        Assert.Equal(EndpointRemoval.Removed, await removed.InTime());

        Assert.Empty(_sink.Told);
        await endpoints.ClearAllDeletedAsync(10);

        using var history = new SqlHistory(_store);
        var page = await history.FindDeadLettersAsync(new DeadLetterQuery(), new PageRequest(long.MaxValue, 10), Waiting.Cancellation);
        Assert.Equal("endpoint_deleted", Assert.Single(page.Items).Reason);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }
}
