using System.Globalization;

namespace Tests.Chaos;

/// <summary>Each failure of a replica or of its way to the database, on its own.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class LosingReplicas
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    // The test sees the first of what follows, if it follows at all.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1.5);

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_lanes_of_a_killed_replica_move_within_two_seconds_and_its_attempt_is_made_again()
    {
        await using var stage = await ReplicaStage.SetAsync();
        var id = await ReplicaStage.AcceptAsync(stage.Other);
        var first = await stage.Held.NextAsync();

        await stage.Owner.KillAsync();

        var moved = await stage.Slots.UntilOwnedAsync(Margin, (replica, _) => replica == stage.Owner.Name);
        Assert.NotNull(moved);
        Print("lanes of a killed replica moved", moved.Value);
        var again = await stage.Held.NextAsync();
        Assert.Equal([id, id], [first.EventId, again.EventId]);
        again.Answer(200);
        await Waiting.Until(async () => await stage.PendingAsync() == 0);
        Assert.Equal("200", await stage.AttemptsAsync(id));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_stopped_replica_is_replaced_after_the_time_and_starts_nothing_when_it_wakes()
    {
        await using var stage = await ReplicaStage.SetAsync();
        var one = await ReplicaStage.AcceptAsync(stage.Other);
        await stage.Held.NextAsync();
        var two = await ReplicaStage.AcceptAsync(stage.Other);

        stage.Owner.Pause();
        var moved = await stage.Slots.UntilOwnedAsync(ReplicaStage.AdoptAfter + Margin, (replica, _) => replica == stage.Owner.Name);
        Assert.NotNull(moved);
        Print("lanes of a stopped replica moved", moved.Value);
        var again = await stage.Held.NextAsync();
        stage.Owner.GoOn();

        // It has lanes again, and hands over none that has an attempt under way.
        await Waiting.Until(async () => await stage.Slots.SessionOfAsync(stage.Owner.Name) is not null);
        await Task.Delay(Moment, TimeProvider.System, Waiting.Cancellation);
        Assert.False(stage.Held.IsAny);
        Assert.Equal(stage.Other.Name, await stage.OwnerNowAsync());
        again.Answer(200);
        var last = await stage.Held.NextAsync();
        last.Answer(200);
        Assert.Equal([one, two], [again.EventId, last.EventId]);
        await Waiting.Until(async () => await stage.PendingAsync() == 0);
        Assert.Equal(("200", "200"), (await stage.AttemptsAsync(one), await stage.AttemptsAsync(two)));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_replica_without_its_database_starts_no_attempt_after_half_of_the_time()
    {
        await using var stage = await ReplicaStage.SetAsync(members: """ "workers":2 """);
        for (var number = 0; number < 4; number++)
        {
            await ReplicaStage.AcceptAsync(stage.Other);
        }

        var (first, second) = (await stage.Held.NextAsync(), await stage.Held.NextAsync());
        stage.Owner.Proxy.Stall();
        await Task.Delay((ReplicaStage.AdoptAfter / 2) + TimeSpan.FromMilliseconds(500), TimeProvider.System, Waiting.Cancellation);
        first.Answer(200);

        // The other one has the lane then, and makes all of them.
        Assert.NotNull(await stage.Slots.UntilOwnedAsync(ReplicaStage.AdoptAfter + Margin, (replica, _) => replica == stage.Owner.Name));
        var adopted = new[] { await stage.Held.NextAsync(), await stage.Held.NextAsync() };
        Assert.Equal(new[] { first.EventId, second.EventId }.Order(), adopted.Select(static held => held.EventId).Order());
        Assert.False(stage.Held.IsAny);

        // What was delivered before is true whoever has the lane.
        stage.Owner.Proxy.Resume();
        await Waiting.Until(async () => await stage.PendingAsync() == 3);
        stage.Held.IsHolding = false;
        foreach (var held in adopted)
        {
            held.Answer(200);
        }

        await Waiting.Until(async () => await stage.PendingAsync() == 0);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_failure_that_a_replica_could_not_record_in_time_is_not_recorded_later()
    {
        await using var stage = await ReplicaStage.SetAsync();
        var id = await ReplicaStage.AcceptAsync(stage.Other);
        var first = await stage.Held.NextAsync();
        stage.Owner.Proxy.Stall();
        first.Answer(400);

        Assert.NotNull(await stage.Slots.UntilOwnedAsync(ReplicaStage.AdoptAfter + Margin, (replica, _) => replica == stage.Owner.Name));
        var again = await stage.Held.NextAsync();
        stage.Owner.Proxy.Resume();
        await Waiting.Until(async () => await stage.Slots.SessionOfAsync(stage.Owner.Name) is not null);
        await Task.Delay(Moment, TimeProvider.System, Waiting.Cancellation);
        Assert.Equal((1, ""), (await stage.PendingAsync(), await stage.AttemptsAsync(id)));
        again.Answer(200);
        await Waiting.Until(async () => await stage.PendingAsync() == 0);
        Assert.Equal("200", await stage.AttemptsAsync(id));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_replica_without_its_database_refuses_events_and_the_other_accepts()
    {
        await using var stage = await ReplicaStage.SetAsync();
        stage.Held.IsHolding = false;
        stage.Owner.Proxy.Stall();

        await Waiting.Until(async () =>
        {
            try
            {
                using var answer = await ReplicaStage.PostAsync(stage.Owner);
                return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
            }
            catch (TaskCanceledException)
            {
                return false;
            }
        });
        await ReplicaStage.AcceptAsync(stage.Other);
        stage.Owner.Proxy.Resume();
        await Waiting.Until(async () =>
        {
            using var answer = await ReplicaStage.PostAsync(stage.Owner);
            return answer.IsSuccessStatusCode;
        });
        await Waiting.Until(async () => await stage.PendingAsync() == 0);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_whose_commit_had_no_reply_is_accepted_and_delivered_once()
    {
        await using var stage = await ReplicaStage.SetAsync();
        stage.Held.IsHolding = false;
        foreach (var replica in new[] { stage.Owner, stage.Other })
        {
            var dropped = replica.Proxy.DropCommitReplyAsync();
            var id = await ReplicaStage.AcceptAsync(replica);
            await dropped.InTime();
            await Waiting.Until(async () => await stage.PendingAsync() == 0);
            Assert.Equal("200", await stage.AttemptsAsync(id));
        }

        Assert.Equal(2, stage.Receiver.Of(ReplicaStage.Endpoint).All.Count);
        Assert.Equal(2, await stage.Database.ScalarAsync<long>("SELECT count(*) FROM events"));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deliveries_go_on_soon_after_the_server_is_back(bool crashes)
    {
        await using var stage = await ReplicaStage.SetAsync(ownServer: true);
        var id = await ReplicaStage.AcceptAsync(stage.Other);
        await stage.Held.NextAsync();
        var server = stage.Database.Server;
        await (crashes ? server.CrashAsync() : server.StopAsync());

        // Both have found out by themselves that it is not there.
        await Task.Delay(Moment, TimeProvider.System, Waiting.Cancellation);
        stage.Held.IsHolding = false;
        var away = stage.Receiver.Now;
        await server.StartAsync();
        var back = stage.Receiver.Now;

        // It may be there before its start has been seen.
        await Waiting.Until(() => stage.Receiver.IsAny(request => request.Began > away && request.Events.Contains(id)));
        var began = stage.Receiver.Of(ReplicaStage.Endpoint).All.First(request => request.Began > away).Began;
        Print("first delivery after the server was back", began - back);
        Assert.InRange(began - back, away - back, ChaosPlan.FirstDelivery);
        await Waiting.Until(async () => await stage.PendingAsync() == 0);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_replica_that_is_asked_to_stop_ends_its_attempts_and_hands_over_its_lanes()
    {
        await using var stage = await ReplicaStage.SetAsync();
        var (one, two) = (await ReplicaStage.AcceptAsync(stage.Other), await ReplicaStage.AcceptAsync(stage.Other));
        var first = await stage.Held.NextAsync();

        // The attempt takes longer than a silent session would live.
        stage.Owner.Process.Terminate();
        await Task.Delay(ReplicaStage.AdoptAfter + Margin, TimeProvider.System, Waiting.Cancellation);
        Assert.False(stage.Held.IsAny);
        first.Answer(200);
        var second = await stage.Held.NextAsync();
        second.Answer(200);

        Assert.Equal([one, two], [first.EventId, second.EventId]);
        Assert.Equal(0, await stage.Owner.Process.ExitCodeAsync());
        await Waiting.Until(async () => await stage.PendingAsync() == 0);
        Assert.Equal(("200", "200"), (await stage.AttemptsAsync(one), await stage.AttemptsAsync(two)));
    }

    private static void Print(string what, TimeSpan taken) =>
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {taken.TotalSeconds:0.00} s, ADOPT_AFTER={ReplicaStage.AdoptAfter.TotalSeconds}s"));
}
