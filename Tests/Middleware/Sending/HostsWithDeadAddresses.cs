using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Sending;

namespace Tests.Middleware.Sending;

/// <summary>Hosts with several addresses, as RFC 8305 has clients reach them.</summary>
public sealed class HostsWithDeadAddresses() : OnASender(new TestClock())
{
    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);
    private static readonly (string, string)[] Allowed = [("ALLOWED_NETWORKS", "127.0.0.0/24,::1")];

    [Theory]
    [InlineData("ep_1", "127.0.0.5", "127.0.0.1")]
    [InlineData("ep_1", "::1", "127.0.0.1")]
    [InlineData("ep_1", "127.0.0.5", "::1")]
    [InlineData("ep_1", "::ffff:127.0.0.5", "127.0.0.1")]
    [InlineData("default", "127.0.0.5", "127.0.0.1")]
    [InlineData("default", "::1", "127.0.0.1")]
    [InlineData("default", "127.0.0.5", "::1")]
    public async Task A_dead_first_address_costs_a_quarter_of_a_second(string endpoint, string dead, string well)
    {
        await using var receiver = new Receiver(IPAddress.Parse(well), 0, Receiver.Answer(200));
        using var silent = new DeadAddress(Plain(dead), receiver.Url.Port);
        await using var sender = new Sender(Clock, Sender.Resolving(dead, well), Allowed);

        var sending = sender.Send(To(endpoint, receiver.Url.Port));
        await Clock.WaitBegun(AttemptDelay);
        Clock.Advance(AttemptDelay - TimeSpan.FromTicks(1));
        Assert.Equal(0, receiver.Connections);
        Clock.Advance(TimeSpan.FromTicks(1));

        Assert.Null(Assert.Single((await sending).Attempts).Reason);
        Assert.Equal(0, DeadAddress.SocketsConnecting(receiver.Url.Port));
    }

    [Theory]
    [InlineData("ep_1")]
    [InlineData("default")]
    public async Task An_address_that_refuses_costs_no_time(string endpoint)
    {
        await using var sender = new Sender(Clock, Sender.Resolving("127.0.0.5", "127.0.0.6", "::1", "127.0.0.1"), Allowed);

        Assert.Null(Assert.Single((await sender.Send(To(endpoint, Receiver.Url.Port))).Attempts).Reason);
    }

    [Fact]
    public async Task Eight_addresses_are_tried_one_after_the_other_and_those_before_go_on()
    {
        var addresses = Enumerable.Range(5, 7).Select(static last => $"127.0.0.{last}").ToArray();
        var dead = addresses.Select(address => new DeadAddress(IPAddress.Parse(address), Receiver.Url.Port)).ToList();
        await using var sender = new Sender(Clock, Sender.Resolving([.. addresses, "127.0.0.1"]), Allowed);

        var sending = sender.Send(To("ep_1", Receiver.Url.Port));
        for (var begun = 1; begun <= addresses.Length; begun++)
        {
            await Clock.WaitBegun(AttemptDelay, begun);
            await Waiting.Until(() => DeadAddress.SocketsConnecting(Receiver.Url.Port) == begun);
            Assert.Equal(0, Receiver.Connections);
            Clock.Advance(AttemptDelay);
        }

        Assert.True((await sending).IsDelivered);
        Assert.Equal(0, DeadAddress.SocketsConnecting(Receiver.Url.Port));
        dead.ForEach(static address => address.Dispose());
    }

    [Fact]
    public async Task The_families_take_turns_and_each_address_is_tried_once()
    {
        // Both of its IPv4 addresses are dead, but the second is not waited for.
        await using var receiver = new Receiver(IPAddress.IPv6Loopback, 0, Receiver.Answer(200));
        using var first = new DeadAddress(IPAddress.Parse("127.0.0.5"), receiver.Url.Port);
        using var second = new DeadAddress(IPAddress.Parse("127.0.0.6"), receiver.Url.Port);
        await using var sender = new Sender(Clock, Sender.Resolving("127.0.0.5", "::ffff:127.0.0.5", "127.0.0.5", "127.0.0.6", "::1"), Allowed);

        var sending = sender.Send(To("ep_1", receiver.Url.Port));
        await Clock.Pass(AttemptDelay);

        Assert.True((await sending).IsDelivered);
    }

    [Theory]
    [InlineData("ep_1")]
    [InlineData("default")]
    public async Task A_host_that_service_discovery_names_is_no_exception(string endpoint)
    {
        using var dead = new DeadAddress(IPAddress.Parse("127.0.0.5"), Receiver.Url.Port);
        await using var sender = new Sender(
            Clock, Sender.Resolving("127.0.0.5", "127.0.0.1"), [.. Allowed, ("services:alerts:http:0", $"http://many.example:{Receiver.Url.Port}")]);

        var sending = sender.Send(Sender.Endpoint(new Uri("http://alerts/hook"), maxRetries: 0) with { Id = new EndpointId(endpoint) });
        await Clock.Pass(AttemptDelay);

        Assert.True((await sending).IsDelivered);
    }

    [Fact]
    public async Task An_address_that_is_not_allowed_is_neither_connected_to_nor_waited_for()
    {
        await using var forbidden = new Receiver(IPAddress.Parse("127.0.1.1"), Receiver.Url.Port, Receiver.Answer(200));
        using var dead = new DeadAddress(IPAddress.Parse("127.0.0.5"), Receiver.Url.Port);
        await using var sender = new Sender(Clock, Sender.Resolving("127.0.1.1", "127.0.0.5", "::ffff:127.0.1.1", "127.0.0.1"), Allowed);

        var sending = sender.Send(To("ep_1", Receiver.Url.Port));
        await Clock.Pass(AttemptDelay);

        Assert.True((await sending).IsDelivered);
        Assert.Single(Clock.Waits, AttemptDelay);
        Assert.Equal(0, forbidden.Connections);
    }

    [Fact]
    public async Task A_connection_given_up_in_mid_race_leaves_no_socket()
    {
        using var dead = new DeadAddress(IPAddress.Parse("127.0.0.5"));
        using var other = new DeadAddress(IPAddress.Parse("127.0.0.6"), dead.Port);
        using var gone = new CancellationTokenSource();
        var before = DeadAddress.SocketsOpen(dead.Port);

        var connecting = new ConnectionRace(Clock).ConnectAsync([IPAddress.Parse("127.0.0.5"), IPAddress.Parse("127.0.0.6")], dead.Port, gone.Token);
        await Clock.Pass(AttemptDelay);
        await Waiting.Until(() => DeadAddress.SocketsConnecting(dead.Port) == 2);
        await gone.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.InTime());
        Assert.Equal(gone.Token, cancelled.CancellationToken);
        await Waiting.Until(() => DeadAddress.SocketsOpen(dead.Port) == before);
    }

    [Fact]
    public async Task A_connection_given_up_while_addresses_are_left_begins_no_other()
    {
        using var dead = new DeadAddress(IPAddress.Parse("127.0.0.5"));
        using var gone = new CancellationTokenSource();
        var (isRace, ended) = (new AsyncLocal<bool> { Value = true }, new ConcurrentDictionary<Exception, bool>(ReferenceEqualityComparer.Instance));
        void Note(object? sender, FirstChanceExceptionEventArgs thrown)
        {
            // An attempt that begins too late opens no connection: only its end shows it.
            if (isRace.Value && thrown.Exception is OperationCanceledException { StackTrace: { } stack } && stack.Contains("AttemptAsync", StringComparison.Ordinal))
            {
                ended[thrown.Exception] = true;
            }
        }

        AppDomain.CurrentDomain.FirstChanceException += Note;
        try
        {
            var connecting = new ConnectionRace(Clock).ConnectAsync([IPAddress.Parse("127.0.0.5"), IPAddress.Parse("127.0.0.6")], dead.Port, gone.Token);
            await Clock.WaitBegun(AttemptDelay);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.InTime());
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Note;
        }

        Assert.Single(ended);
    }

    [Fact]
    public async Task Of_two_that_answer_at_once_one_connection_is_left()
    {
        using var listener = new TcpListener(IPAddress.Parse("127.0.0.1"), 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var other = new TcpListener(IPAddress.Parse("127.0.0.2"), port);
        other.Start();

        // The delay is over before the first has its connection.
        var clock = new TestClock { Hurried = AttemptDelay };
        for (var time = 0; time < 50; time++)
        {
            using var socket = await new ConnectionRace(clock).ConnectAsync(
                [IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2")], port, Waiting.Cancellation).InTime();
            Assert.True(socket.Connected);
            await Waiting.Until(() => DeadAddress.SocketsOpen(port) == 1);
        }
    }

    [Fact]
    public async Task When_all_fail_the_error_names_each_and_the_reason_is_the_one_that_says_most()
    {
        await using var sender = new Sender(Clock, Sender.Resolving("127.255.255.255", "127.0.0.5"));

        // A broadcast address is out of reach of any connection; at the other nobody listens.
        var attempt = Assert.Single((await sender.Send(To("default", 9))).Attempts);

        Assert.Equal(
            (FailureReason.ConnectionRefused, "Network is unreachable at 127.255.255.255; Connection refused at 127.0.0.5 (many.example:9)"),
            (attempt.Reason, attempt.Error));
    }

    [Fact]
    public async Task A_host_whose_addresses_are_all_dead_is_a_time_out()
    {
        using var dead = new DeadAddress(IPAddress.Parse("127.0.0.5"));
        using var other = new DeadAddress(IPAddress.Parse("127.0.0.6"), dead.Port);
        await using var sender = new Sender(Clock, Sender.Resolving("127.0.0.5", "127.0.0.6"), Allowed);

        var sending = sender.Send(To("ep_1", dead.Port));
        await Clock.Pass(AttemptDelay);
        await Waiting.Until(() => DeadAddress.SocketsConnecting(dead.Port) == 2);
        Clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(FailureReason.Timeout, Assert.Single((await sending).Attempts).Reason);
    }

    private static IPAddress Plain(string address) => IPAddress.Parse(address) is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : IPAddress.Parse(address);

    private static WebhookEndpoint To(string endpoint, int port) =>
        Sender.Endpoint(new Uri($"http://many.example:{port}/"), maxRetries: 0) with { Id = new EndpointId(endpoint) };
}
