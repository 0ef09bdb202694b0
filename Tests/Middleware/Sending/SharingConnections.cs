using Middleware.Endpoints;

namespace Tests.Middleware.Sending;

/// <summary>The connections of endpoints at one host.</summary>
public sealed class SharingConnections : IAsyncDisposable
{
    private readonly Sender _sender = new(new TestClock(), ("ALLOWED_NETWORKS", "127.0.0.0/8"));

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    [Fact]
    public async Task Endpoints_at_one_host_share_a_connection()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));

        for (var number = 0; number < 5; number++)
        {
            Assert.True((await _sender.Send(At(receiver, $"ep_{number}"))).IsDelivered);
        }

        Assert.Equal((5, 1), (receiver.Requests.Count, receiver.Connections));
    }

    [Fact]
    public async Task An_endpoint_that_hangs_takes_no_connection_from_another()
    {
        await using var receiver = new Receiver(Receiver.Hang, Receiver.Answer(200));
        using var stopped = new CancellationTokenSource();
        var hanging = _sender.Send(At(receiver, "hangs"), cancellation: stopped.Token);
        await receiver.Received(1);

        for (var number = 0; number < 5; number++)
        {
            Assert.True((await _sender.Send(At(receiver, $"ep_{number}"))).IsDelivered);
        }

        Assert.False(hanging.IsCompleted);
        Assert.Equal(2, receiver.Connections);
        await stopped.CancelAsync();
        await hanging.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_deleted_endpoint_takes_the_connection_of_none_with_it()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        var (first, second) = (At(receiver, "one"), At(receiver, "two"));
        await _sender.Send(first);
        await _sender.Send(second);

        _sender.Endpoints.Remove(first.Id);

        Assert.True((await _sender.Send(second)).IsDelivered);
        Assert.Equal(1, receiver.Connections);
    }

    private static WebhookEndpoint At(Receiver receiver, string id) => Sender.Endpoint(receiver.Url, maxRetries: 0) with { Id = new(id) };
}
