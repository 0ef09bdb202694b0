using Microsoft.Extensions.Logging;
using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public sealed class LaneTests : IDisposable
{
    private readonly ListStore _store = new();
    private readonly TestClock _clock = new();
    private readonly CapturedLog _log = new();
    private readonly Lane _lane;

    public LaneTests()
    {
        _lane = new Lane(LaneId.Whole(EndpointId.Default), new LaneGate(new Circuit(_clock, default), _clock), new LaneBudget(), _store, _clock, _log.For<Lane>());
        _store.Told = _lane.Offer;
    }

    public void Dispose() => _lane.Dispose();

    [Fact]
    public async Task The_highest_priority_is_next_and_the_oldest_within_one()
    {
        _lane.Start();
        Priority[] committed = [Priority.Low, Priority.High, Priority.Low, Priority.Critical, Priority.Medium, Priority.High, Priority.Critical];
        foreach (var priority in committed)
        {
            _store.Commit(priority);
        }

        Assert.Equal([4, 7, 2, 6, 5, 1, 3], await Take(7));
    }

    [Fact]
    public async Task What_was_pending_before_the_start_comes_before_what_is_committed_after()
    {
        CommitUnheard(3);

        _lane.Start();
        _store.Commit(3);

        Assert.Equal([1, 2, 3, 4, 5, 6], await Take(6));
    }

    [Fact]
    public async Task A_later_critical_delivery_overtakes_a_backlog()
    {
        _lane.Start();
        _store.Commit(5_000);
        await Take(10);

        var critical = _store.Commit(Priority.Critical);

        Assert.Equal([critical.Sequence, 11], await Take(2));
    }

    [Fact]
    public async Task A_worker_finds_none_until_there_is_a_delivery()
    {
        _lane.Start();
        Assert.Null(await _lane.TakeAsync(Waiting.Cancellation).InTime());

        var delivery = _store.Commit();

        Assert.Same(delivery, (await _lane.TakeAsync(Waiting.Cancellation).InTime())!.Value.Shipment.First);
    }

    [Fact]
    public async Task A_worker_that_must_leave_leaves_the_next_delivery_to_others()
    {
        _lane.Start();
        _store.Commit();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _lane.TakeAsync(stop.Token).InTime());

        Assert.Equal([1], await Take(1));
    }

    [Fact]
    public async Task A_complete_lane_gives_what_it_holds_and_then_lets_every_worker_go()
    {
        _lane.Start();
        _store.Commit(2);

        _lane.Complete();

        Assert.Equal([1, 2], await Take(2));
        var workers = Enumerable.Range(0, 3).Select(_ => _lane.TakeAsync(Waiting.Cancellation).AsTask());
        Assert.All(await Task.WhenAll(workers).InTime(), taken => Assert.Null(taken));
    }

    [Fact]
    public async Task No_more_than_its_size_is_held_and_the_store_is_read_again_when_half_is_taken()
    {
        CommitUnheard(10_000);

        _lane.Start();
        Assert.Equal(LaneWindow.Size, _store.DeliveriesRead);

        await Take((LaneWindow.Size / 2) - 1);
        Assert.Equal(LaneWindow.Size, _store.DeliveriesRead);

        await Take(1);
        Assert.Equal(LaneWindow.Size * 3 / 2, _store.DeliveriesRead);
        Assert.Equal(LaneWindow.Size, _store.LargestPage);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_backlog_of_100_000_is_taken_once_and_in_order_while_commits_go_on(int workers)
    {
        CommitUnheard(100_000);
        _lane.Start();

        var commits = Task.Run(() => _store.Commit(20_000), Waiting.Cancellation);
        var taken = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => Work(120_000 / workers)))).InTime();
        await commits.InTime();

        Assert.All(taken, sequences => Assert.Equal(sequences.Order(), sequences));
        Assert.Equal(Enumerable.Range(1, 120_000).Select(number => (long)number), taken.SelectMany(sequences => sequences).Order());
        Assert.True(_store.LargestPage <= LaneWindow.Size);

        async Task<List<long>> Work(int count)
        {
            var sequences = new List<long>(count);
            while (sequences.Count < count)
            {
                await Waiting.Until(() => _lane.Demand.Wanted > 0);
                if (await _lane.TakeAsync(Waiting.Cancellation) is { } taken)
                {
                    sequences.Add(taken.Shipment.First.Sequence);
                }
            }

            return sequences;
        }
    }

    [Fact]
    public async Task A_read_that_fails_is_made_again_soon()
    {
        CommitUnheard(2);
        _store.FailReads([.. Enumerable.Repeat(new IOException("disk"), 6), new IOException("still")]);

        _lane.Start();
        Assert.Equal(6, _store.Reads);
        Assert.Equal(6, _log.Errors.Count);
        Assert.All(_log.Errors, line => Assert.Equal("reading pending deliveries failed, trying again soon", line.Message));

        _clock.Advance(TimeSpan.FromMilliseconds(50) - TimeSpan.FromTicks(1));
        Assert.Equal(6, _store.Reads);

        // One of the six fails once more.
        _clock.Advance(TimeSpan.FromTicks(1));
        await _clock.Pass(TimeSpan.FromMilliseconds(100));

        Assert.Equal([1, 2], await Take(2));
        Assert.Equal(13, _store.Reads);
        Assert.Equal(["ordered", "critical", "high", "medium", "low", "background"], _log.Errors.Take(6).Select(line => line.Values["priority"]));
        Assert.Equal(7, _log.Errors.Count);
        Assert.All(_log.Errors, line => Assert.Equal(LogLevel.Error, line.Level));
    }

    [Fact]
    public async Task Reads_that_fail_for_long_are_made_each_second()
    {
        _store.FailReads([.. Enumerable.Range(0, 50).Select(static _ => new IOException("disk"))]);
        _lane.Start();
        foreach (var wait in (int[])[50, 100, 200, 400, 800, 1_000, 1_000])
        {
            var before = _store.Reads;
            _clock.Advance(TimeSpan.FromMilliseconds(wait) - TimeSpan.FromTicks(1));
            Assert.Equal(before, _store.Reads);
            _clock.Advance(TimeSpan.FromTicks(1));
            await Waiting.Until(() => _store.Reads == before + 6);
        }
    }

    [Fact]
    public void A_read_that_the_store_gave_up_is_a_read_that_failed()
    {
        _store.FailReads(new TaskCanceledException("the database did not answer in time"));

        _lane.Start();
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(7, _store.Reads);
    }

    [Fact]
    public async Task What_is_committed_while_reads_fail_is_not_lost()
    {
        _store.FailReads([.. Enumerable.Range(0, 5).Select(_ => new IOException("disk"))]);
        _lane.Start();

        _store.Commit(3, Priority.High);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([1, 2, 3], await Take(3));
    }

    [Fact]
    public async Task What_is_given_back_is_in_front_of_its_priority()
    {
        _lane.Start();
        _store.Commit(6);
        _store.Commit(2, Priority.High);
        var taken = new List<TakenShipment>();
        while (taken.Count < 5)
        {
            taken.Add((await _lane.TakeAsync(Waiting.Cancellation).InTime())!.Value);
        }

        Assert.Equal([7, 8, 1, 2, 3], taken.Select(one => one.Shipment.First.Sequence));
        _lane.GiveBack(taken[3].Shipment, wasProbe: false);
        _lane.GiveBack(taken[0].Shipment, wasProbe: false);
        _lane.GiveBack(taken[2].Shipment, wasProbe: false);
        _store.Commit(1, Priority.High);

        Assert.Equal([7, 9, 1, 2, 4, 5, 6], await Take(7));
    }

    /// <summary>Commits deliveries of which the lane does not hear: it must read them.</summary>
    private void CommitUnheard(int count)
    {
        _store.Told = _ => { };
        _store.Commit(count);
        _store.Told = _lane.Offer;
    }

    private async Task<List<long>> Take(int count)
    {
        var sequences = new List<long>();
        while (sequences.Count < count)
        {
            var delivery = (await _lane.TakeAsync(Waiting.Cancellation).InTime())!.Value.Shipment.First;
            sequences.Add(delivery.Sequence);
            await _store.RecordAsync(delivery, Made.Delivered(), Waiting.Cancellation);
        }

        return sequences;
    }
}
