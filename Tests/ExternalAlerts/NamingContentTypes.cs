namespace Tests.ExternalAlerts;

public sealed class NamingContentTypes : OnAlerts
{
    [Theory]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json;charset=\"UTF8\"")]
    [InlineData("Application/CloudEvents+JSON; charset=utf8")]
    public async Task UTF_8_may_be_named_in_any_way(string contentType)
    {
        await Service.PostAs(contentType, "{}").HasStatus(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("application/json; charset=utf8", HttpStatusCode.OK)]
    [InlineData("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/problem+json", HttpStatusCode.UnsupportedMediaType)]
    public async Task Faults_are_JSON_in_UTF_8(string contentType, HttpStatusCode status)
    {
        await Service.SetFaults("""{"hang":true}""", contentType).HasStatus(status);
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
        Service.UseKestrel();
        using var got = await Service.Http.GetAsync(path, Waiting.Cancellation);
        using var head = await Service.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Waiting.Cancellation);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (got.StatusCode, head.StatusCode));
        Assert.Equal(got.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Waiting.Cancellation));
    }
}
