using System.Text;
using AspireIntegration.Client;
using AspireIntegration.Client.Json;
using AspireIntegration.Client.Operating;

namespace Tests.Client;

public sealed class ReadingNewerServices
{
    [Fact]
    public void Names_and_members_that_are_not_known_are_read()
    {
        var item = Read("""{"event_id":"1","status":"paused","priority":{"level":7},"new":{"a":[1]},"accepted_at":"2026-03-01"}""");

        Assert.Equal(("1", EventStatus.Unknown, Priority.Unknown, TestClock.Noon.AddHours(-12)), (item.EventId, item.Status, item.Priority, item.AcceptedAt));
    }

    [Fact]
    public void Members_that_an_older_service_lacks_are_empty() => Assert.Equal(("", 0, null), (Read("{}").Source, Read("{}").Endpoints, Read("{}").ExpiresAt));

    [Fact]
    public void A_name_that_is_not_known_is_not_sent() =>
        Assert.Equal(
            "\"Unknown\" cannot be sent as Priority; expected one of Critical, High, Medium, Low",
            Assert.Throws<ArgumentException>(static () => new EventQuery { Priority = Priority.Unknown }.ToQuery()).Message);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("1500ms", 1_500)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("1d2h3m4s5ms", 93_784_005)]
    public void Durations_are_read_as_the_service_writes_them(string text, long milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
        Assert.True(DurationText.TryParse(DurationText.Format(value), out var again));
        Assert.Equal(value, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1x")]
    [InlineData("1 s")]
    [InlineData("1.2.3s")]
    [InlineData("999999999999d")]
    public void Other_texts_are_no_durations(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public async Task An_answer_of_another_program_is_a_network_fault()
    {
        var client = Answering(HttpStatusCode.OK, "<html>sign in</html>", "text/html");

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => client.Me.GetAsync(Waiting.Cancellation));

        Assert.Equal(HttpRequestError.InvalidResponse, fault.HttpRequestError);
        Assert.Contains("/base/api/v1/me", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>bad gateway</html>", "text/html")]
    [InlineData("not JSON", "application/problem+json")]
    [InlineData("null", "application/json")]
    public async Task A_refusal_of_a_proxy_has_its_status(string body, string type)
    {
        var refusal = await Assert.ThrowsAsync<AspireIntegrationException>(() => Answering(HttpStatusCode.BadGateway, body, type).Me.GetAsync(Waiting.Cancellation));

        Assert.Equal((HttpStatusCode.BadGateway, "Bad Gateway"), (refusal.StatusCode, refusal.Title));
        await Assert.ThrowsAsync<AspireIntegrationException>(() => Answering(HttpStatusCode.BadGateway, body, type).Health.ReadyAsync(Waiting.Cancellation));
    }

    [Fact]
    public async Task A_service_that_is_not_ready_shows_its_checks()
    {
        var client = Answering(HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy","checks":{"store":{"status":"unhealthy","description":"full","data":{}}}}""", "application/json");

        var health = await client.Health.ReadyAsync(Waiting.Cancellation);

        Assert.Equal((CheckStatus.Unhealthy, "full"), (health.Status, health.Checks!["store"].Description));
    }

    [Fact]
    public void A_client_without_an_address_is_refused() => Assert.Throws<ArgumentException>(static () => new AspireIntegrationClient(new HttpClient()));

    private static EventItem Read(string json) => JsonSerializer.Deserialize(json, ClientJson.Default.ListPageEventItem.Options.GetTypeInfo(typeof(EventItem))) as EventItem ?? throw new JsonException();

    private static AspireIntegrationClient Answering(HttpStatusCode status, string body, string type) =>
        new(new HttpClient(new AnsweringHandler(_ => new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, type) })) { BaseAddress = new Uri("http://middleware.test/base") });
}
