using System.Net;

namespace Tests.ExternalAlerts;

public sealed class NamingContentTypes : IAsyncDisposable
{
    private readonly AlertsService _service = new();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json;charset=\"UTF8\"")]
    [InlineData("Application/CloudEvents+JSON; charset=utf8")]
    public async Task UTF_8_may_be_named_in_any_way(string contentType)
    {
        using var answer = await _service.PostAs(contentType, "{}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("application/json; charset=utf8", HttpStatusCode.OK)]
    [InlineData("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/problem+json", HttpStatusCode.UnsupportedMediaType)]
    public async Task Faults_are_JSON_in_UTF_8(string contentType, HttpStatusCode status)
    {
        using var answer = await _service.SetFaults("""{"hang":true}""", contentType);

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("/external/alerts")]
    [InlineData("/external/alerts/stats")]
    [InlineData("/external/alerts/tries")]
    [InlineData("/external/faults")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    public async Task What_answers_GET_answers_HEAD(string path)
    {
        _service.UseKestrel();
        using var got = await _service.Http.GetAsync(path, Waiting.Cancellation);
        using var head = await _service.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Waiting.Cancellation);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (got.StatusCode, head.StatusCode));
        Assert.Equal(got.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Waiting.Cancellation));
    }
}
