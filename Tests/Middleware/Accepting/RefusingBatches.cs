using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Events;
using Middleware.Storage;

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
    public async Task A_body_that_is_no_array_is_refused_as_a_whole(string body, string fault)
    {
        using var answer = await Service.Post(Path, body);

        await Refused(Service, answer, HttpStatusCode.BadRequest, fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n")]
    public async Task NDJSON_without_an_event_is_refused(string body)
    {
        using var answer = await Service.Send(HttpMethod.Post, Path, Encoding.UTF8.GetBytes(body), "application/x-ndjson");

        await Refused(Service, answer, HttpStatusCode.BadRequest, "has no event");
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public async Task A_thousand_events_are_a_batch_and_no_more(int count, bool isBatch)
    {
        await using var service = new MiddlewareService(("QUEUE_SIZE", "10000"));
        var lines = string.Join('\n', Enumerable.Repeat(ServiceRequests.Event("a"), count));

        using var array = await service.Post(Path, $"[{lines.Replace('\n', ',')}]");
        using var ndjson = await service.Send(HttpMethod.Post, Path, Encoding.UTF8.GetBytes(lines), "application/x-ndjson");

        foreach (var answer in new[] { array, ndjson })
        {
            if (isBatch)
            {
                Assert.Equal(count, (int)(await Read(answer))["accepted"]!);
            }
            else
            {
                await Refused(service, answer, HttpStatusCode.BadRequest, "has more than 1000 events");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Eight_mebibytes_are_a_batch_and_no_more(bool chunked)
    {
        var largest = Encoding.UTF8.GetBytes($"[{ServiceRequests.Event("a")}]".PadRight(8 << 20));

        using var accepted = await Send(largest);
        using var refused = await Send([.. largest, (byte)' ']);

        Assert.Equal(1, (int)(await Read(accepted))["accepted"]!);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Equal("The body is larger than 8388608 bytes. Nothing of it was kept: send it in smaller batches.", (string?)(await Read(refused))["detail"]);

        Task<HttpResponseMessage> Send(byte[] body)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(body) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            request.Headers.TransferEncodingChunked = chunked;
            return Service.Http.SendAsync(request, Waiting.Cancellation).InTime();
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused(string? contentType)
    {
        using var answer = await Service.Send(HttpMethod.Post, Path, "[]"u8.ToArray(), contentType).WithStatus(HttpStatusCode.UnsupportedMediaType);

        Assert.Equal(
            $"Content-Type is \"{contentType}\"; expected application/json or application/x-ndjson in UTF-8.", (string?)(await Read(answer))["detail"]);
    }

    private static async Task<JsonNode> Read(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;

    private static async Task Refused(MiddlewareService service, HttpResponseMessage answer, HttpStatusCode status, string fault)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(fault, (string?)(await Read(answer))["errors"]!["body"]![0]);
        Assert.Equal(0, service.Services.GetRequiredService<IEventStore>().Waiting(EndpointId.Default));
        Assert.Empty(service.Receiver.Sent);
    }
}
