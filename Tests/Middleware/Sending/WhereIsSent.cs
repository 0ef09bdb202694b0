using System.Net.Sockets;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Sending;

namespace Tests.Middleware.Sending;

/// <summary>The way from the text of a URL to the connection, as a registered endpoint goes it.</summary>
public sealed class WhereIsSent : OnASender
{
    private const string Loopback = "127.0.0.0/8";

    public static TheoryData<string> SpellingsOfRefusedHosts =>
    [
        // 127.0.0.1 in decimal, octal, hexadecimal, short and mixed
        "127.0.0.1", "2130706433", "0177.0.0.1", "017700000001", "0x7f.0.0.1", "0x7f000001", "0X7F.0.0.1", "127.1", "127.0.1", "0x7f.1", "0177.0x0.1",
        "127.0.0.01", "0000177.0.0.1", "127.000.000.001", "0", "1",

        // What Uri takes for a name
        "127.0.0.1.", "0x7f.0.0.1.", "2130706433.", "127.0.0.08", "localhost", "LOCALHOST.", "a.localhost",

        // Other scripts
        "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "①②⑦.0.0.1", "127。0。0。1", "ⓛocalhost",

        // IPv6, and IPv4 in it
        "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[fd00:ec2::254]",

        // Inside, and the clouds' metadata
        "10.0.0.1", "0xa.1", "172.16.0.1", "192.168.1.1", "3232235777", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "100.100.100.200",
        "[::ffff:169.254.169.254]", "168.63.129.16", "192.0.0.192", "0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1",
    ];

    [Theory]
    [MemberData(nameof(SpellingsOfRefusedHosts))]
    public async Task A_refused_address_is_refused_in_every_spelling_at_registration_and_at_the_connection(string host)
    {
        var text = $"http://{host}:2/";
        Assert.False(WebhookUrl.TryParse(text, new AddressPolicy().AllowsLiteral, out _, out _));

        // A resolver that agrees to anything, and a URL that was never judged.
        await using var sender = new Sender(Clock, Sender.Resolving("127.0.0.1"));
        if (Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            var attempt = Assert.Single((await sender.Send(Registered(url))).Attempts);

            Assert.Equal(FailureReason.AddressRefused, attempt.Reason);
            Assert.Null(attempt.StatusCode);
            Assert.EndsWith("where events are not sent unless ALLOWED_NETWORKS says so", attempt.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1", "fd00::1", "::ffff:192.168.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task A_name_that_leads_inside_is_refused_and_not_tried_again(params string[] addresses)
    {
        await using var sender = new Sender(Clock, Sender.Resolving(addresses));

        var outcome = await sender.Send(Registered(new Uri("http://inside.example/")));

        Assert.Equal(
            $"inside.example is at {string.Join(", ", addresses)}, where events are not sent unless ALLOWED_NETWORKS says so", Assert.Single(outcome.Attempts).Error);
        Assert.False(FailureReason.MayPass(outcome.Last));
        Assert.Equal(DeliveryOutcome.DeadLetter(), outcome.Outcome);
    }

    [Fact]
    public async Task A_port_of_another_protocol_is_not_connected_to_though_it_was_registered_before()
    {
        await using var sender = new Sender(Clock, Sender.Resolving("127.0.0.1"), ("ALLOWED_NETWORKS", "127.0.0.1"));

        var outcome = await sender.Send(Registered(new Uri("http://receiver.example:25/")));

        Assert.Equal((FailureReason.AddressRefused, "events are not sent to port 25, which is of another protocol"), (outcome.Last.Reason, outcome.Last.Error));
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_later_is_judged_again_at_each_connection()
    {
        await using var receiver = new Receiver(Receiver.AnswerAndEnd);
        var asked = 0;
        await using var sender = new Sender(
            Clock, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(++asked == 1 ? "127.0.0.1" : "127.0.0.2")]), ("ALLOWED_NETWORKS", "127.0.0.1"));
        var endpoint = Registered(new Uri($"http://rebinding.example:{receiver.Url.Port}/"));

        Assert.True((await sender.Send(endpoint)).IsDelivered);
        Assert.Equal(FailureReason.AddressRefused, (await sender.Send(endpoint)).Last.Reason);

        Assert.Equal(2, asked);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task Of_a_names_addresses_only_those_allowed_are_connected_to_one_after_the_other()
    {
        await using var sender = new Sender(Clock, Sender.Resolving("10.0.0.1", "127.0.0.2", "::ffff:127.0.0.1"), ("ALLOWED_NETWORKS", Loopback));

        // Nobody listens at 127.0.0.2.
        Assert.True((await sender.Send(Registered(new Uri($"http://three.example:{Receiver.Url.Port}/")))).IsDelivered);
        Assert.Equal([$"three.example:{Receiver.Url.Port}"], Receiver.Requests.Single()["Host"]);
    }

    [Fact]
    public async Task An_address_that_refuses_the_connection_is_no_refused_address()
    {
        using var bound = new Socket(SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var sender = new Sender(Clock, Sender.Resolving("127.0.0.1"), ("ALLOWED_NETWORKS", Loopback));

        var outcome = await sender.Send(Registered(new Uri($"http://closed.example:{((IPEndPoint)bound.LocalEndPoint!).Port}/")));

        Assert.Equal(Enumerable.Repeat("connection_refused", 4), outcome.Attempts.Select(attempt => attempt.Reason));
    }

    [Fact]
    public async Task A_name_without_an_address_fails_as_the_DNS_does()
    {
        await using var none = new Sender(Clock, Sender.Resolving());
        await using var real = new Sender(Clock);

        Assert.Equal(Enumerable.Repeat("dns", 4), (await none.Send(Registered(new Uri("http://none.example/")))).Attempts.Select(attempt => attempt.Reason));
        Assert.Equal("dns", (await real.Send(Registered(new Uri("http://no-such-receiver.invalid/")))).Last.Reason);
    }

    [Fact]
    public async Task A_resolver_that_hangs_is_given_up_with_the_try()
    {
        var clock = new TestClock();
        var cancelled = new TaskCompletionSource();
        await using var sender = new Sender(clock, async (_, cancellationToken) =>
        {
            // It stays registered: the wait may end before it is told.
            cancellationToken.Register(cancelled.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return [];
        });

        var sending = sender.Send(Registered(new Uri("http://hanging.example/"), maxRetries: 0));
        await clock.Pass(TimeSpan.FromSeconds(3));

        Assert.Equal("timeout", (await sending).Last.Reason);
        await cancelled.Task.InTime();
    }

    [Theory]
    [InlineData("Production", null, FailureReason.AddressRefused)]
    [InlineData("Production", Loopback, null)]
    [InlineData("Development", null, null)]
    public async Task This_machine_is_allowed_in_Development_and_where_the_operator_says_so(string environment, string? allowed, string? reason)
    {
        await using var sender = new Sender(Clock, null, ("ENVIRONMENT", environment), ("ALLOWED_NETWORKS", allowed ?? ""));

        Assert.Equal(reason, (await sender.Send(Registered(Receiver.Url))).Last.Reason);
    }

    [Fact]
    public async Task The_operators_own_endpoint_may_be_anywhere()
    {
        Assert.True((await Sender.Send(Made.Endpoint(id: "default", url: Receiver.Url))).IsDelivered);
    }

    [Fact]
    public async Task A_redirect_inside_is_not_followed()
    {
        await using var inside = new Receiver(Receiver.Answer(200));
        await using var receiver = new Receiver(Receiver.Answer(307, header: $"Location: {inside.Url}"));
        await using var sender = new Sender(Clock, null, ("ALLOWED_NETWORKS", Loopback));

        Assert.Equal(FailureReason.Redirect, Assert.Single((await sender.Send(Registered(receiver.Url))).Attempts).Reason);
        Assert.Empty(inside.Requests);
    }

    private static WebhookEndpoint Registered(Uri url, int maxRetries = 3) =>
        Made.Endpoint(id: "ep_1", url: url, retries: new RetryPlan(TimeSpan.FromSeconds(3), maxRetries, TimeSpan.FromMilliseconds(500)));
}
