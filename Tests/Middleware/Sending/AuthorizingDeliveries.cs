using Middleware.Delivering;
using Middleware.Endpoints;

namespace Tests.Middleware.Sending;

public sealed class AuthorizingDeliveries : OnASender
{
    private static readonly EndpointAuth Bearer = new() { Kind = AuthKind.Bearer, Token = new SecretValue("tok-1") };

    // The example of RFC 7617, 2.
    private static readonly EndpointAuth Basic = new() { Kind = AuthKind.Basic, Username = "Aladdin", Password = new SecretValue("open sesame") };

    [Fact]
    public async Task A_bearer_token_is_in_the_header_of_each_attempt()
    {
        await using var receiver = new Receiver(Receiver.Answer(503), Receiver.Answer(200));

        Assert.True((await Sender.Send(Sender.Endpoint(receiver.Url, maxRetries: 1) with { Auth = Bearer })).IsDelivered);

        Assert.Equal(["Bearer tok-1", "Bearer tok-1"], receiver.Requests.SelectMany(static request => request["Authorization"]));
    }

    /// <summary>The example of RFC 7617, 2.</summary>
    [Fact]
    public async Task A_user_name_and_a_password_are_in_the_header()
    {
        Assert.True((await Sender.Send(Sender.Endpoint(Receiver.Url, maxRetries: 0) with { Auth = Basic })).IsDelivered);

        Assert.Equal(["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="], Receiver.Requests.Single()["Authorization"]);
    }

    [Fact]
    public async Task Batches_and_tests_bear_it_too()
    {
        var endpoint = Sender.Endpoint(Receiver.Url, maxRetries: 0) with { Auth = Bearer };
        var batch = new Shipment { Deliveries = [Made.Delivery(1), Made.Delivery(2)], BatchId = Guid.CreateVersion7(TestClock.Noon) };

        Assert.True((await Sender.Send(endpoint, batch)).IsDelivered);
        Assert.Equal(200, (await Sender.Client.TestAsync(Shipment.Of(Made.Delivery(3)), endpoint, Waiting.Cancellation)).StatusCode);

        Assert.Equal(["Bearer tok-1", "Bearer tok-1"], Receiver.Requests.SelectMany(static request => request["Authorization"]));
    }

    [Fact]
    public async Task The_next_attempt_has_the_credentials_of_then()
    {
        var endpoint = Sender.Endpoint(Receiver.Url, maxRetries: 0);

        foreach (var auth in (EndpointAuth?[])[Bearer, Basic, null])
        {
            Assert.True((await Sender.Send(endpoint with { Auth = auth })).IsDelivered);
        }

        Assert.Equal(["Bearer tok-1", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="], Receiver.Requests.SelectMany(static request => request["Authorization"]));
    }
}
