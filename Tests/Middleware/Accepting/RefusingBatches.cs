using System.Text;

namespace Tests.Middleware.Accepting;

public sealed class RefusingBatches : OnAService
{
    private const string Path = "/integrations/events/batch";

    [Theory]
    [InlineData("", "must be a JSON array of events; for one event on each line the Content-Type is application/x-ndjson")]
    [InlineData("{}", "must be a JSON array of events; for one event on each line the Content-Type is application/x-ndjson")]
    [InlineData("[]", "has no event")]
    [InlineData(" [ ] ", "has no event")]
    [InlineData("[{\"a\":\"]\"}", "is not valid JSON: the array does not end")]
    [InlineData("[{\"a\":\"\\\"]\"},\"", "is not valid JSON: the array does not end")]
    [InlineData("[{}] {}", "is not valid JSON: the array ends at byte 3 and more follows")]
    [InlineData("[{}}", "is not valid JSON: the array ends at byte 3 and more follows")]
    [InlineData("[{}{}]", "is not valid JSON: expected a comma at byte 3")]
    [InlineData("[{} 7]", "is not valid JSON: expected a comma at byte 4")]
    [InlineData("[7{}]", "is not valid JSON: expected a comma at byte 2")]
    [InlineData("[1 2]", "is not valid JSON: expected a comma at byte 3")]
    [InlineData("[\"a\"\n\"b\"]", "is not valid JSON: expected a comma at byte 5")]
    [InlineData("[{}, ,{}]", "is not valid JSON: expected an event at byte 5")]
    [InlineData("[,{}]", "is not valid JSON: expected an event at byte 1")]
    [InlineData("[{},]", "is not valid JSON: expected an event at byte 4")]
    [InlineData("[ , ]", "is not valid JSON: expected an event at byte 2")]
    public Task A_body_that_is_no_array_is_refused_as_a_whole(string body, string fault) => Refused(Service, Service.Post(Path, body), fault);

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n")]
    public Task NDJSON_without_an_event_is_refused(string body) =>
        Refused(Service, Service.Send(HttpMethod.Post, Path, Encoding.UTF8.GetBytes(body), "application/x-ndjson"), "has no event");

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public async Task A_thousand_events_are_a_batch_and_no_more(int count, bool isBatch)
    {
        await using var service = new MiddlewareService(("QUEUE_SIZE", "10000"));
        var lines = string.Join('\n', Enumerable.Repeat(ServiceRequests.Event("a"), count));

        await IsJudged(service.Post(Path, $"[{lines.Replace('\n', ',')}]"));
        await IsJudged(service.Send(HttpMethod.Post, Path, Encoding.UTF8.GetBytes(lines), "application/x-ndjson"));

        async Task IsJudged(Task<HttpResponseMessage> answering)
        {
            if (isBatch)
            {
                Assert.Equal(count, (int)(await answering.Json(HttpStatusCode.OK))["accepted"]!);
            }
            else
            {
                await Refused(service, answering, "has more than 1000 events");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Eight_mebibytes_are_a_batch_and_no_more(bool chunked)
    {
        var largest = Encoding.UTF8.GetBytes($"[{ServiceRequests.Event("a")}]".PadRight(8 << 20));

        Assert.Equal(1, (int)(await Send(largest).Json(HttpStatusCode.OK))["accepted"]!);
        await Send([.. largest, (byte)' ']).IsFault(
            HttpStatusCode.RequestEntityTooLarge, "The body is larger than 8388608 bytes. Nothing of it was kept: send it in smaller batches.");

        Task<HttpResponseMessage> Send(byte[] body) => chunked ? Service.PostChunked(body, Path) : Service.Send(HttpMethod.Post, Path, body, "application/json");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public Task Another_content_type_is_refused(string? contentType) => Service.Send(HttpMethod.Post, Path, "[]"u8.ToArray(), contentType).IsFault(
        HttpStatusCode.UnsupportedMediaType, $"Content-Type is \"{contentType}\"; expected application/json or application/x-ndjson in UTF-8.");

    private static async Task Refused(MiddlewareService service, Task<HttpResponseMessage> answering, string fault)
    {
        await answering.IsFault(HttpStatusCode.BadRequest, fault, "body");
        Assert.Equal(0, service.Waits);
        Assert.Empty(service.Receiver.Sent);
    }
}
