namespace Tests.Chaos;

/// <summary>Replicas whose clocks are wrong: times that they share are those of the database.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class SkewedReplicas
{
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(-10, 10)]
    [InlineData(10, -10)]
    public async Task An_event_is_sent_before_its_deadline_whichever_replica_accepts_and_sends_it(int one, int two)
    {
        Assert.SkipUnless(ShiftedClock.IsThere, "A compiler of C is needed.");
        await using var stage = await ReplicaStage.SetAsync(clocksAhead: (TimeSpan.FromMinutes(one), TimeSpan.FromMinutes(two)));
        stage.Held.IsHolding = false;

        var ids = new[] { await AcceptAsync(stage.Owner), await AcceptAsync(stage.Other) };

        await Waiting.Until(async () => await stage.PendingAsync() == 0);
        foreach (var id in ids)
        {
            Assert.Equal("200", await stage.AttemptsAsync(id));
            var age = await stage.Database.ScalarAsync<TimeSpan>($"SELECT clock_timestamp() - (timestamptz 'epoch' + accepted_at * interval '1 microsecond') FROM events WHERE id = '\\x{id}'");
            Assert.InRange(age, -Slack, Slack);
        }
    }

    private static Task<string> AcceptAsync(Replica replica) => ReplicaStage.AcceptAsync(replica, ""","expires_in":"2m" """);
}
