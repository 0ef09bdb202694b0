using System.Text;
using Middleware.Events;

namespace Tests.Middleware.History;

/// <summary>Metadata is passed on byte for byte, half of a surrogate pair included, by everything that shows, sends or searches it.</summary>
public sealed class HalvesOfSurrogatePairs : OnAService
{
    private const string Metadata = """{"cut":"x\ud800","zone":"e\u0075","after": ["\udc00 \u0073aid \"hi\"", 1.50]}""";
    private const string Event = $$"""{"source":"s","event_type":"t","severity":"low","message":"m","metadata":{{Metadata}}}""";

    [Fact]
    public async Task An_event_that_has_them_is_shown_and_sent_as_it_was_stored()
    {
        var id = await Accept(Service);

        var sent = Assert.Single(Service.Receiver.Sent).Event;
        var native = Encoding.UTF8.GetString(sent.Payload.Span);
        Assert.Contains($",\"metadata\":{Metadata},", native, StringComparison.Ordinal);
        Assert.Contains($"\"metadata\":{Metadata}}}", Encoding.UTF8.GetString(CloudEventPayload.Write(sent)), StringComparison.Ordinal);
        Assert.Contains($",\"payload\":{native},\"deliveries\":[", await Text(Service, HttpMethod.Get, $"/api/v1/events/{id}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metadata\":{\"cut\":\"x\\ud800", true)]
    [InlineData("said \"HI\"", true)]
    [InlineData("x said", false)]
    public async Task What_stands_behind_one_is_found(string text, bool isFound)
    {
        var id = await Accept(Service);

        var page = await Service.Ask(HttpMethod.Get, $"/api/v1/events?q={Uri.EscapeDataString(text)}", HttpStatusCode.OK);

        Assert.Equal(isFound ? [id] : [], page["items"]!.AsArray().Select(static item => (string?)item!["event_id"]));
    }

    [Fact]
    public async Task A_replay_sends_the_same_bytes()
    {
        var id = await Accept(Service);

        await Service.Ask(HttpMethod.Post, $"/api/v1/events/{id}/replay", HttpStatusCode.Accepted);
        await Waiting.Until(() => Service.Receiver.Sent.Count == 2);

        Assert.Equal(Service.Receiver.Sent[0].Event.Payload, Service.Receiver.Sent[1].Event.Payload, static (one, other) => one.Span.SequenceEqual(other.Span));
    }

    [Fact]
    public async Task A_filter_judges_the_members_beside_them()
    {
        var told = await Text(
            Service, HttpMethod.Post, "/api/v1/filters/test", $$$"""{"filter":{"expression":"zone = 'eu' AND LENGTH(cut) = 2"},"event":{{{Event}}}}""");

        Assert.StartsWith("{\"matches\":true,", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7b22")]
    [InlineData("7b2261223a22ff227d")]
    [InlineData("7b7d7d")]
    [InlineData("")]
    public async Task Stored_bytes_that_are_no_JSON_are_shown_as_null(string hex)
    {
        var id = await Accept(Service);
        Assert.Equal(1, StoreSql.Execute(Service.DatabasePath, $"UPDATE events SET payload = x'{hex}'"));

        var found = await Service.Ask(HttpMethod.Get, $"/api/v1/events/{id}", HttpStatusCode.OK);

        Assert.Null(found["payload"]);
        Assert.Equal("delivered", (string?)found["status"]);
    }

    private static async Task<string> Accept(MiddlewareService service)
    {
        var id = (string)JsonNode.Parse(await Text(service, HttpMethod.Post, "/integrations/events", Event))!["event_id"]!;
        await service.Recorded();
        return id;
    }

    private static async Task<string> Text(MiddlewareService service, HttpMethod method, string path, string body = "")
    {
        using var answer = await service.Send(method, path, Encoding.UTF8.GetBytes(body), "application/json");
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {text}");
        return text;
    }
}
