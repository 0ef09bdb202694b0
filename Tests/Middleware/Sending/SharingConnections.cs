using Middleware.Endpoints;

namespace Tests.Middleware.Sending;

/// <summary>The connections of endpoints at one host.</summary>
public sealed class SharingConnections() : OnASender(new TestClock(), ("ALLOWED_NETWORKS", "127.0.0.0/8"))
{
    [Fact]
    public async Task Endpoints_at_one_host_share_a_connection()
    {
        for (var number = 0; number < 5; number++)
        {
            Assert.True((await Sender.Send(At(Receiver, $"ep_{number}"))).IsDelivered);
        }

        Assert.Equal((5, 1), (Receiver.Requests.Count, Receiver.Connections));
    }

    [Fact]
    public async Task An_endpoint_that_hangs_takes_no_connection_from_another()
    {
        await using var receiver = new Receiver(Receiver.Hang, Receiver.Answer(200));
        using var stopped = new CancellationTokenSource();
        var hanging = Sender.Send(At(receiver, "hangs"), cancellation: stopped.Token);
        await receiver.Received(1);

        for (var number = 0; number < 5; number++)
        {
            Assert.True((await Sender.Send(At(receiver, $"ep_{number}"))).IsDelivered);
        }

        Assert.False(hanging.IsCompleted);
        Assert.Equal(2, receiver.Connections);
        await stopped.CancelAsync();
        await hanging.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_deleted_endpoint_takes_the_connection_of_none_with_it()
    {
        var (first, second) = (At(Receiver, "one"), At(Receiver, "two"));
        await Sender.Send(first);
        await Sender.Send(second);

        Sender.Endpoints.Remove(first.Id);

        Assert.True((await Sender.Send(second)).IsDelivered);
        Assert.Equal(1, Receiver.Connections);
    }

    private static WebhookEndpoint At(Receiver receiver, string id) => Sender.Endpoint(receiver.Url, maxRetries: 0) with { Id = new(id) };
}
