using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Sending;

public sealed class WhatATestSends : OnASender
{
    private int _connections;

    [Fact]
    public async Task Deliveries_and_tests_run_over_connections_of_their_own()
    {
        await using var sender = new Sender(Clock, Count, ("ALLOWED_NETWORKS", "127.0.0.1"));
        var endpoint = Endpoint(Receiver);

        Assert.True((await sender.Send(endpoint)).IsDelivered);
        Assert.Equal(200, (await Test(sender, endpoint)).StatusCode);
        Assert.Equal(2, _connections);

        Assert.True((await sender.Send(endpoint)).IsDelivered);
        Assert.Equal((2, 3), (_connections, Receiver.Requests.Count));
    }

    [Fact]
    public async Task A_test_waits_for_no_delivery_and_takes_none_with_it()
    {
        await using var receiver = new Receiver(Receiver.Hang, Receiver.Answer(503), Receiver.Answer(200));
        await using var sender = new Sender(Clock, Count, ("ALLOWED_NETWORKS", "127.0.0.1"));

        // One connection is all that deliveries have.
        var endpoint = Endpoint(receiver) with { Workers = 1 };
        var sending = sender.Send(endpoint);
        await receiver.Received(1);

        Assert.Equal("http_503", (await Test(sender, endpoint)).Reason);
        Assert.False(sending.IsCompleted);
        Assert.Equal(2, receiver.Requests.Count);

        Clock.Advance(endpoint.Retries.Timeout);
        Assert.Equal(["timeout", null], (await sending).Attempts.Select(static attempt => attempt.Reason));
    }

    [Fact]
    public async Task A_test_is_sent_nowhere_where_deliveries_are_not()
    {
        await using var sender = new Sender(Clock, Count);

        Assert.Equal(FailureReason.AddressRefused, (await Test(sender, Endpoint(Receiver))).Reason);
        Assert.Empty(Receiver.Requests);
    }

    [Fact]
    public async Task A_test_ends_with_whoever_asked_for_it()
    {
        await using var receiver = new Receiver(Receiver.Hang);
        await using var sender = new Sender(Clock, Count, ("ALLOWED_NETWORKS", "127.0.0.1"));
        using var gone = new CancellationTokenSource();

        var testing = Test(sender, Endpoint(receiver), gone.Token);
        await receiver.Received(1);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => testing);
    }

    private static WebhookEndpoint Endpoint(Receiver receiver) =>
        Sender.Endpoint(new Uri($"http://receiver.example:{receiver.Url.Port}/"), maxRetries: 3) with { Id = new EndpointId("ep_1") };

    private static Task<Attempt> Test(Sender sender, WebhookEndpoint endpoint, CancellationToken? cancellation = null) =>
        sender.Client.TestAsync(Shipment.Of(Delivery.Of(Made.Event(), 0, endpoint.Id)), endpoint, cancellation ?? Waiting.Cancellation).InTime();

    private Task<IPAddress[]> Count(string host, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _connections);
        return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
    }
}
