using Microsoft.Extensions.DependencyInjection;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Sending;

namespace Tests.Middleware.Sending;

/// <summary>An endpoint's URL is sent as it was registered, byte for byte behind the host, and shown as it is sent.</summary>
public sealed class WhichPathIsSent() : OnAService(new MiddlewareService(("EXTERNAL_ENDPOINT_URL", ""), ("ALLOWED_NETWORKS", "127.0.0.0/8,::1"))
{
    With = static services => services.AddSingleton<IDeliveryClient, DeliveryClient>(),
})
{
    [Theory]
    [InlineData("/%41b%2Fc%7Ed?x=%41&y=%2b+%20")]
    [InlineData("/%c3%a9")]
    [InlineData("/a/%2E%2E/b")]
    [InlineData("/a/..%2Fb")]
    [InlineData("/a/../b/./c//d")]
    [InlineData("/%25%2541%00")]
    [InlineData("/;p=1,2!$&'()*+:@?")]
    [InlineData("", "/")]
    [InlineData("?x=%41", "/?x=%41")]
    [InlineData("/{a}|\"<>^`", "/%7Ba%7D%7C%22%3C%3E%5E%60")]
    [InlineData("/%zz%", "/%25zz%25")]
    public async Task What_is_behind_the_host_is_sent_as_it_was_registered(string registered, string? sent = null)
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        var host = receiver.Url.GetLeftPart(UriPartial.Authority);

        var (shown, request) = await Send(host + registered, receiver);

        Assert.Equal($"POST {sent ?? registered} HTTP/1.1", request.RequestLine);
        Assert.Equal(host + (sent ?? registered), shown);
    }

    [Theory]
    [InlineData("HTTP://127.0.0.1:{0}/Hook", "http://127.0.0.1:{0}/Hook")]
    [InlineData("http://0x7f.1:{0}/", "http://127.0.0.1:{0}/")]
    [InlineData("http://LocalHost:{0}/", "http://localhost:{0}/")]
    [InlineData("http://127.0.0.1:0{0}/", "http://127.0.0.1:{0}/")]
    public async Task The_host_is_shown_as_it_is_sent(string registered, string sent)
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        var port = receiver.Url.Port;

        var (shown, request) = await Send(string.Format(null, registered, port), receiver);

        Assert.Equal(string.Format(null, sent, port), shown);
        Assert.Equal([new Uri(shown).Authority], request["Host"]);
    }

    [Fact]
    public async Task A_dot_at_the_end_of_a_host_is_sent()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = new Sender(new TestClock(), Sender.Resolving("127.0.0.1"), ("ALLOWED_NETWORKS", "127.0.0.0/8"));
        Assert.True(WebhookUrl.TryParse($"http://Pager.Example.:{receiver.Url.Port}/", static (_, _) => true, out var url, out _));

        await sender.Send(Made.Endpoint("pager", url: url));

        Assert.Equal([$"pager.example.:{receiver.Url.Port}"], receiver.Requests[0]["Host"]);
    }

    [Theory]
    [InlineData("https://Pager.Example:443", "https://pager.example/")]
    [InlineData("http://pager.example:80/a", "http://pager.example/a")]
    public async Task A_port_that_is_the_schemes_own_is_not_shown(string registered, string shown) =>
        Assert.Equal(shown, (string?)(await Create(registered))["url"]);

    [Fact]
    public async Task A_host_that_is_discovered_has_the_path_that_was_registered()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = new Sender(new TestClock(), ("services:pager:http:0", $"http://127.0.0.1:{receiver.Url.Port}"));

        await sender.Send(WebhookUrl.AsSent("http://pager/%41?x=%7e"));

        Assert.Equal("POST /%41?x=%7e HTTP/1.1", receiver.Requests[0].RequestLine);
    }

    [Fact]
    public async Task It_is_the_same_after_a_restart_and_after_it_was_put_back()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        var created = await Create($"{receiver.Url.GetLeftPart(UriPartial.Authority)}/%41?x=%7e");

        await Service.Restart();
        var seen = await Service.Ask(HttpMethod.Get, $"{ServiceRequests.Endpoints}/{created["id"]}", HttpStatusCode.OK);
        Assert.Equal((string?)created["url"], (string?)seen["url"]);
        await Service.Ask(HttpMethod.Put, $"{ServiceRequests.Endpoints}/{created["id"]}", HttpStatusCode.OK, $$"""{"name":"n","url":"{{seen["url"]}}"}""", "If-Match: *");
        await Service.Accept();

        await receiver.Received(1);
        Assert.Equal("POST /%41?x=%7e HTTP/1.1", receiver.Requests[0].RequestLine);
    }

    private Task<JsonNode> Create(string url) => Service.Create(new JsonObject { ["name"] = "n", ["url"] = url }.ToJsonString());

    private async Task<(string Shown, ReceivedRequest Request)> Send(string url, Receiver receiver)
    {
        var created = await Create(url);
        await Service.Accept();
        await receiver.Received(1);
        return ((string)created["url"]!, receiver.Requests[0]);
    }
}
