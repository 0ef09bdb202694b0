using System.Globalization;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Sending;

/// <summary>The request of each try is built of the endpoint as it is then; a receiver's wish to be left alone has a bound.</summary>
public sealed class WhatAChangeSends() : OnASender(new TestClock())
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task The_next_try_has_the_headers_and_the_secret_and_goes_to_the_url_of_then()
    {
        Assert.True(WebhookSecret.TryParse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", out var old, out _));
        var secret = WebhookSecret.Generate(static count => new byte[count]);
        Assert.True(DeliveryHeaders.TryParse([KeyValuePair.Create("X-Team", (string?)"one")], out var one, out _));
        Assert.True(DeliveryHeaders.TryParse([KeyValuePair.Create("X-Team", (string?)"two")], out var two, out _));
        await using var receiver = new Receiver(Receiver.Answer(503));
        await using var other = new Receiver(Receiver.Answer(200));
        var endpoint = Sender.Endpoint(receiver.Url, maxRetries: 3) with { Headers = one, Secrets = new SigningSecrets(old) };

        var sending = Sender.Send(endpoint);
        await Clock.WaitBegun(Pause);
        Sender.Endpoints.Set(endpoint with { Url = other.Url, Headers = two, Secrets = new SigningSecrets(secret) });
        Clock.Advance(Pause);
        Assert.True((await sending).IsDelivered);

        Assert.Equal(["one"], receiver.Requests.Single()["X-Team"]);
        var request = other.Requests.Single();
        Assert.Equal(["two"], request["X-Team"]);
        Assert.Equal(["2"], request["X-Delivery-Attempt"]);
        var timestamp = long.Parse(request["webhook-timestamp"].Single(), CultureInfo.InvariantCulture);
        Assert.Equal([secret.Sign(request["webhook-id"].Single(), timestamp, "{}"u8)], request["webhook-signature"]);
    }

    /// <summary>The time of the next try, in seconds after the answer.</summary>
    [Theory]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 86_400)]
    [InlineData("2147483647", 86_400)]
    [InlineData("1772366400", 86_400)]
    [InlineData("99999999999999999999", 86_400)]
    [InlineData("86401", 86_400)]
    [InlineData("86400", 86_400)]
    [InlineData("3600", 3_600)]
    [InlineData("Sun, 01 Mar 2026 13:00:02 GMT", 3_600)]
    [InlineData("59", 60)]
    [InlineData("0", 60)]
    [InlineData("-1", 60)]
    [InlineData("soon", 60)]
    [InlineData("", 60)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 60)]
    public async Task Retry_After_counts_from_the_answer_and_has_a_ceiling(string retryAfter, double seconds)
    {
        // The answer takes two seconds.
        await using var receiver = new Receiver(async (socket, stop) =>
        {
            Clock.Advance(TimeSpan.FromSeconds(2));
            return await Receiver.Answer(429, header: $"Retry-After: {retryAfter}")(socket, stop);
        });

        var sent = await Sender.Send(receiver.Url);

        Assert.Equal(OutcomeKind.DeadLetter, sent.Outcome.Kind);
        Assert.Equal(TestClock.Noon + TimeSpan.FromSeconds(2 + seconds), sent.Outcome.NextTryAt);
    }
}
