using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Middleware;
using Middleware.Delivering;
using Npgsql;

namespace Tests.Middleware.Replicas;

/// <summary>The stop of a replica while its receiver, or the database, does not answer.</summary>
[Trait("Speed", "Slow")]
public sealed class StoppingReplicas : OnReplicas
{
    [Fact]
    public async Task An_attempt_that_hangs_is_broken_off_in_time_and_made_again_only_after_that()
    {
        MiddlewareService[] all = [await Group.StartAsync(("SHUTDOWN_TIMEOUT", "1s")), await Group.StartAsync(("SHUTDOWN_TIMEOUT", "1s"))];
        await all[0].Create("""{"name":"pager","url":"http://127.0.0.1:2/hook","timeout":"5m"}""");
        foreach (var replica in all)
        {
            replica.Receiver.Hold();
        }

        var id = await all[0].Accept();
        await Waiting.Until(() => all.Any(static replica => replica.Receiver.Running == 1));
        var (stopping, left) = all[0].Receiver.Running == 1 ? (all[0], all[1]) : (all[1], all[0]);
        var runningThere = -1;
        left.Receiver.Answer = _ =>
        {
            runningThere = stopping.Receiver.Running;
            return Made.Delivered();
        };
        left.Receiver.Release();
        await Group.StopAsync(stopping);

        await left.UntilStatus(id, "delivered");
        Assert.Equal(0, runningThere);
        Assert.Equal(1, await Group.Database.ScalarAsync<long>("SELECT count(*) FROM attempts"));
    }

    [Fact]
    public async Task A_stop_that_is_asked_for_twice_at_once_is_done_once()
    {
        var replica = await Group.StartAsync();
        await replica.Accept();
        var startup = replica.Services.GetServices<IHostedService>().OfType<Startup>().Single();

        var first = startup.StopAsync(Waiting.Cancellation);
        Assert.Same(first, startup.StopAsync(Waiting.Cancellation));
        await first;
    }

    [Fact]
    public async Task Lanes_are_handed_over_while_other_work_waits_for_the_database()
    {
        MiddlewareService[] all = [await Group.StartAsync(), await Group.StartAsync()];
        var left = all[1].Services.GetRequiredService<ILaneOwnership>();
        await Waiting.Until(() => !left.IsAlone);
        await using var other = await Group.Database.Source.OpenConnectionAsync(Waiting.Cancellation);
        await using var change = await other.BeginTransactionAsync(Waiting.Cancellation);
        await new NpgsqlCommand("LOCK TABLE counters", other).ExecuteNonQueryAsync(Waiting.Cancellation);
        await Waiting.Until(() => Group.Database.WaitingForLocks() >= all.Length);

        var stop = Group.StopAsync(all[0]);
        try
        {
            await Waiting.Until(() => left.IsAlone || stop.IsCompleted);
            Assert.False(stop.IsCompleted);
        }
        finally
        {
            await change.RollbackAsync(Waiting.Cancellation);
            await stop;
        }
    }
}
