using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Sending;

public sealed class GoingThroughAProxy : OnASender
{
    private static readonly (string, string) Allowed = ("ALLOWED_NETWORKS", "127.0.0.1");

    [Fact]
    public async Task A_plain_request_goes_to_the_proxy_of_the_endpoint_with_the_whole_url()
    {
        await using var proxy = new ForwardProxy();
        await using var sender = new Sender(Clock, Unresolved, Allowed);

        Assert.True((await sender.Send(Through(proxy, new Uri($"http://receiver.example:{Receiver.Port}/hook?a=b")))).IsDelivered);

        Assert.Equal([$"POST http://receiver.example:{Receiver.Port}/hook?a=b HTTP/1.1"], proxy.Requests);
        Assert.Equal([$"receiver.example:{Receiver.Port}"], Receiver.Requests.Single()["Host"]);
    }

    [Fact]
    public async Task A_request_in_TLS_goes_through_a_tunnel_in_which_the_receivers_certificate_is_judged()
    {
        await using var receiver = Receiver.Serving(MadeCertificate.Show(MadeCertificate.Server()));
        await using var proxy = new ForwardProxy();
        await using var sender = new Sender(Clock, Unresolved, Allowed);

        var attempt = (await sender.Send(Through(proxy, new Uri($"https://{MadeCertificate.Host}:{receiver.Port}/")))).Last;

        Assert.Equal((FailureReason.Tls, "the receiver's certificate is self-signed and not trusted here"), (attempt.Reason, attempt.Error));
        Assert.Equal([$"CONNECT {MadeCertificate.Host}:{receiver.Port} HTTP/1.1"], proxy.Requests);
    }

    [Theory]
    [InlineData("default", null, true)]
    [InlineData("ep_1", null, true)]
    [InlineData("ep_1", "direct", false)]
    public async Task The_default_proxy_is_for_all_endpoints_but_those_that_name_another_way(string id, string? named, bool isProxied)
    {
        await using var proxy = new ForwardProxy();
        await using var sender = new Sender(Clock, null, Allowed, ("OUTBOUND_PROXY", $"{proxy.Url}"));

        var endpoint = Made.Endpoint(id, url: Receiver.Url) with { Proxy = named is null ? null : OutboundProxy.Stored(named) };
        Assert.True((await sender.Send(endpoint)).IsDelivered);

        Assert.Equal(isProxied ? 1 : 0, proxy.Requests.Count);
    }

    [Fact]
    public async Task The_address_of_the_proxy_is_judged_at_the_connection()
    {
        await using var proxy = new ForwardProxy();
        await using var sender = new Sender(Clock, Sender.Resolving("10.0.0.7"));
        var endpoint = Through(proxy, new Uri("http://receiver.example/")) with { Proxy = OutboundProxy.Stored($"http://proxy.internal:{proxy.Port}") };

        var attempt = (await sender.Send(endpoint)).Last;

        Assert.Equal(
            (FailureReason.AddressRefused, "proxy.internal is at 10.0.0.7, where events are not sent unless ALLOWED_NETWORKS says so"), (attempt.Reason, attempt.Error));
        Assert.Empty(proxy.Requests);
    }

    [Fact]
    public async Task The_operators_own_endpoint_reaches_a_default_proxy_anywhere()
    {
        await using var proxy = new ForwardProxy();
        await using var sender = new Sender(Clock, Unresolved, ("OUTBOUND_PROXY", $"{proxy.Url}"));

        Assert.True((await sender.Send(Made.Endpoint(url: Receiver.Url))).IsDelivered);
        Assert.Equal(FailureReason.AddressRefused, (await sender.Send(Made.Endpoint("ep_1", url: Receiver.Url))).Last.Reason);
        Assert.Single(proxy.Requests);
    }

    [Fact]
    public async Task A_proxy_that_opens_no_tunnel_is_the_reason()
    {
        await using var proxy = new ForwardProxy { Answer = "407 Proxy Authentication Required" };
        await using var sender = new Sender(Clock, Unresolved, Allowed);

        var attempt = (await sender.Send(Through(proxy, new Uri("https://receiver.example/")))).Last;

        Assert.Equal((FailureReason.Proxy, null), (attempt.Reason, attempt.StatusCode));
        Assert.Contains("407", attempt.Error, StringComparison.Ordinal);
        Assert.True(FailureReason.MayPass(attempt));
    }

    [Fact]
    public async Task The_next_attempt_goes_the_way_of_then()
    {
        await using var proxy = new ForwardProxy();
        await using var sender = new Sender(Clock, null, Allowed);
        var endpoint = Through(proxy, Receiver.Url);

        Assert.True((await sender.Send(endpoint with { Proxy = null })).IsDelivered);
        Assert.Empty(proxy.Requests);
        Assert.True((await sender.Send(endpoint)).IsDelivered);
        Assert.Single(proxy.Requests);
    }

    private static WebhookEndpoint Through(ForwardProxy proxy, Uri url) => Made.Endpoint("ep_1", url: url) with { Proxy = OutboundProxy.Stored($"{proxy.Url}") };

    /// <summary>The proxy looks names up, and no name is looked up here.</summary>
    private static Task<IPAddress[]> Unresolved(string host, CancellationToken cancellationToken) => throw new InvalidOperationException($"{host} is looked up");
}
