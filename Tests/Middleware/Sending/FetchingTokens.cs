using System.Text;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Sending;

/// <summary>Access tokens by client credentials (RFC 6749, 4.4).</summary>
public sealed class FetchingTokens : OnASender
{
    private const string Secret = "hush/&+ é";

    [Fact]
    public async Task A_token_is_fetched_once_and_borne_by_all_deliveries_and_batches()
    {
        await using var server = new Receiver(Given("t-1"));
        var endpoint = Endpoint(server, Receiver);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Sender.Send(endpoint)));

        Assert.Equal(Enumerable.Repeat("Bearer t-1", 20), Receiver.Requests.SelectMany(static request => request["Authorization"]));
        var request = Assert.Single(server.Requests);
        Assert.Equal("POST /token?tenant=7 HTTP/1.1", request.RequestLine);
        Assert.Equal("grant_type=client_credentials&scope=events+alerts&audience=https%3A%2F%2Freceiver.example%2F", request.Body);
        Assert.Equal(["application/x-www-form-urlencoded"], request["Content-Type"]);
        Assert.Equal([$"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes("us%3Aer:hush%2F%26%2B+%C3%A9"))}"], request["Authorization"]);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_expires_and_goes_on_serving_while_its_server_fails()
    {
        await using var server = new Receiver(Given("t-1", "600"), Receiver.Answer(503), Given("t-2", "\"600\""), Receiver.Answer(503));
        var endpoint = Endpoint(server, Receiver);

        await Sends("t-1", requests: 1);
        Clock.Advance(TimeSpan.FromSeconds(539));
        await Sends("t-1", requests: 1);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Sends("t-1", requests: 2);
        await Sends("t-1", requests: 2);
        Clock.Advance(TimeSpan.FromSeconds(30));
        await Sends("t-2", requests: 3);
        Clock.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(FailureReason.Token, (await Sender.Send(endpoint)).Last.Reason);

        async Task Sends(string token, int requests)
        {
            Assert.True((await Sender.Send(endpoint)).IsDelivered);
            Assert.Equal(($"Bearer {token}", requests), (Receiver.Requests[^1]["Authorization"].Single(), server.Requests.Count));
        }
    }

    [Fact]
    public async Task A_refused_token_is_fetched_again_once_in_the_same_attempt()
    {
        await using var server = new Receiver(Given("t-1"), Given("t-2"), Given("t-3"));
        await using var receiver = new Receiver(Receiver.Answer(200), Receiver.Answer(401), Receiver.Answer(200), Receiver.Answer(401));
        var endpoint = Endpoint(server, receiver);

        Assert.True((await Sender.Send(endpoint)).IsDelivered);
        Assert.True(Assert.Single((await Sender.Send(endpoint)).Attempts).IsDelivered);
        Assert.Equal("http_401", Assert.Single((await Sender.Send(endpoint)).Attempts).Reason);

        Assert.Equal(["Bearer t-1", "Bearer t-1", "Bearer t-2", "Bearer t-2", "Bearer t-3"], receiver.Requests.SelectMany(static request => request["Authorization"]));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_new_token_that_is_refused_is_not_fetched_again()
    {
        await using var server = new Receiver(Given("t-1"));
        await using var receiver = new Receiver(Receiver.Answer(401));

        Assert.Equal("http_401", (await Sender.Send(Endpoint(server, receiver))).Last.Reason);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client","error_description":"hush/&+ é is not the secret"}""", "HTTP status 401, invalid_client")]
    [InlineData(400, """{"error":"hush/&+ é"}""", "HTTP status 400")]
    [InlineData(302, "", "HTTP status 302")]
    [InlineData(500, "<html>", "HTTP status 500")]
    [InlineData(200, "<html>", "its answer has no access_token in JSON of less than 65536 bytes")]
    [InlineData(200, "[]", "its answer has no access_token in JSON of less than 65536 bytes")]
    [InlineData(200, """{"access_token":7,"token_type":"Bearer"}""", "its answer has no access_token in JSON of less than 65536 bytes")]
    [InlineData(200, """{"access_token":"a\r\nX: y","token_type":"Bearer"}""", "its answer has no access_token in JSON of less than 65536 bytes")]
    [InlineData(200, """{"access_token":"t","token_type":"mac"}""", "its answer has another token_type than Bearer")]
    public async Task An_attempt_without_a_token_fails_with_the_reason_and_is_made_again(int status, string answer, string error)
    {
        await using var server = new Receiver(Receiver.Answer(status, answer), Given("t-1"));

        var sent = await Sender.Send(Endpoint(server, Receiver, maxRetries: 1));

        Assert.Equal([(FailureReason.Token, $"no access token from 127.0.0.1:{server.Port}: {error}"), (null, null)], sent.Attempts.Select(static attempt => (attempt.Reason, attempt.Error)));
        Assert.Single(Receiver.Requests);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_the_reason()
    {
        await using var gone = new Receiver(Receiver.Drop);

        var attempt = (await Sender.Send(Endpoint(gone, Receiver))).Last;

        Assert.Equal((FailureReason.Token, $"no access token from 127.0.0.1:{gone.Port}: the receiver ended the connection before its answer was complete"), (attempt.Reason, attempt.Error));
    }

    [Fact]
    public async Task A_server_that_hangs_ends_the_attempt_in_time()
    {
        var clock = new TestClock();
        await using var server = new Receiver(Receiver.Hang);
        await using var sender = new Sender(clock);

        var sending = sender.Send(Endpoint(server, Receiver));
        await server.Received(1);
        clock.Advance(TimeSpan.FromSeconds(3));

        var attempt = (await sending).Last;
        Assert.Equal((FailureReason.Timeout, $"no access token from 127.0.0.1:{server.Port} within the time-out"), (attempt.Reason, attempt.Error));
    }

    [Fact]
    public async Task The_address_of_the_token_url_is_judged_and_the_proxy_of_the_endpoint_used()
    {
        await using var server = new Receiver(Given("t-1"));
        await using var proxy = new ForwardProxy();
        await using var refusing = new Sender(Clock, Sender.Resolving("127.0.0.1"));
        await using var sender = new Sender(Clock, null, ("ALLOWED_NETWORKS", "127.0.0.1"));
        var endpoint = Endpoint(server, Receiver) with { Id = new EndpointId("ep_1") };

        var attempt = (await refusing.Send(endpoint with { Auth = endpoint.Auth! with { TokenUrl = $"http://login.example:{server.Port}/" } })).Last;
        Assert.Equal(
            (FailureReason.AddressRefused, $"no access token from login.example:{server.Port}: login.example is at 127.0.0.1, where events are not sent unless ALLOWED_NETWORKS says so"),
            (attempt.Reason, attempt.Error));

        Assert.True((await sender.Send(endpoint with { Proxy = OutboundProxy.Stored($"{proxy.Url}") })).IsDelivered);
        Assert.Equal([$"POST {endpoint.Auth.TokenUrl} HTTP/1.1", $"POST {Receiver.Url} HTTP/1.1"], proxy.Requests);
    }

    private static Func<System.Net.Sockets.Socket, CancellationToken, Task<bool>> Given(string token, string expiresIn = "3600") =>
        Receiver.Answer(200, $$"""{"access_token":"{{token}}","token_type":"bearer","expires_in":{{expiresIn}}}""");

    private static WebhookEndpoint Endpoint(Receiver server, Receiver receiver, int maxRetries = 0) => Sender.Endpoint(receiver.Url, maxRetries) with
    {
        Workers = 20,
        Auth = new EndpointAuth
        {
            Kind = AuthKind.OAuth2,
            TokenUrl = $"http://127.0.0.1:{server.Port}/token?tenant=7",
            ClientId = "us:er",
            ClientSecret = new SecretValue(Secret),
            Scope = "events alerts",
            Audience = "https://receiver.example/",
        },
    };
}
