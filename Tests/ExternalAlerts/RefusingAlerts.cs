using System.Net.Http.Headers;
using ExternalAlerts;

namespace Tests.ExternalAlerts;

public sealed class RefusingAlerts : OnAlerts
{
    private const string None = """{"received":0,"unique":0,"duplicates":0,"without_id":0,"tries":0,"faulted":0}""";

    [Theory]
    [InlineData("", "The body is empty: a JSON object or an array of objects is needed.")]
    [InlineData("\"text\"", "The body is a string: a JSON object or an array of objects is needed.")]
    [InlineData("7", "The body is a number: a JSON object or an array of objects is needed.")]
    [InlineData("true", "The body is a boolean: a JSON object or an array of objects is needed.")]
    [InlineData("null", "The body is null: a JSON object or an array of objects is needed.")]
    [InlineData("""[{"event_id":"1"},7]""", "Item 1 of the array is a number: a JSON object is needed.")]
    [InlineData("[[]]", "Item 0 of the array is an array: a JSON object is needed.")]
    [InlineData("""{"event_id":"1"} {}""", "The body is not valid JSON, or nested deeper than 64, at line 1, byte 18.")]
    [InlineData("""{"event_id":""", "The body is not valid JSON, or nested deeper than 64, at line 1, byte 13.")]
    [InlineData("{\n not}", "The body is not valid JSON, or nested deeper than 64, at line 2, byte 2.")]
    [InlineData("""{"a":1,}""", "The body is not valid JSON, or nested deeper than 64, at line 1, byte 8.")]
    public async Task A_body_that_is_no_alert_is_refused_and_leaves_no_trace(string body, string detail)
    {
        await Service.Post(body).IsFault(HttpStatusCode.BadRequest, detail);

        await Service.Shows("/external/alerts/stats", None);
    }

    [Theory]
    [InlineData("application/cloudevents+json", "[]", "The body is an array: a JSON object is needed.")]
    [InlineData("application/cloudevents-batch+json", "{}", "The body is an object: an array of JSON objects is needed.")]
    public async Task A_cloud_event_and_a_batch_of_them_are_not_mistaken_for_each_other(string contentType, string body, string detail)
    {
        await Service.PostAs(contentType, body).IsFault(HttpStatusCode.BadRequest, detail);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_refused()
    {
        var content = new ByteArrayContent([.. "{\"event_id\":\""u8, 0xff, .. "\"}"u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        await Service.Http.PostAsync("/external/alerts", content, Waiting.Cancellation).IsFault(HttpStatusCode.BadRequest, "The body is not valid UTF-8.");
    }

    [Theory]
    [InlineData(null, "There is no Content-Type")]
    [InlineData("text/plain", "Content-Type \"text/plain\" is not accepted")]
    [InlineData("application/xml; charset=utf-8", "Content-Type \"application/xml; charset=utf-8\" is not accepted")]
    [InlineData("application/json; charset=utf-16", "Content-Type \"application/json; charset=utf-16\" is not accepted")]
    public async Task Another_content_type_is_refused(string? contentType, string wrong)
    {
        await Service.PostAs(contentType, "{}").IsFault(
            HttpStatusCode.UnsupportedMediaType,
            $"{wrong}; expected one of application/json, application/cloudevents+json, application/cloudevents-batch+json, in UTF-8.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_refused(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/external/alerts") { Content = new ByteArrayContent(new byte[AlertRoutes.MaxBodyBytes + 1]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TransferEncodingChunked = chunked;

        await Service.Http.SendAsync(request, Waiting.Cancellation).IsFault(HttpStatusCode.RequestEntityTooLarge, "The body is larger than 9437184 bytes.");
    }

    [Fact]
    public async Task A_body_of_the_limit_is_received()
    {
        await Service.Post("{}".PadRight(AlertRoutes.MaxBodyBytes)).HasStatus(HttpStatusCode.OK);
    }
}
