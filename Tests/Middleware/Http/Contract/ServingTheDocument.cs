namespace Tests.Middleware.Http.Contract;

public sealed class ServingTheDocument : OnAService
{
    private const string Path = "/openapi/v1.json";

    [Fact]
    public async Task Who_has_it_is_told_so()
    {
        using var first = await Service.Http.GetAsync(Path, Waiting.Cancellation);
        var tag = first.Headers.ETag;
        Assert.NotNull(tag);
        Assert.False(tag.IsWeak);
        Assert.Equal("application/json", first.Content.Headers.ContentType?.MediaType);

        foreach (var known in (string[])[$"{tag}", $"\"other\", W/{tag}", "*"])
        {
            using var again = await Ask(known).WithStatus(HttpStatusCode.NotModified);
            Assert.Equal(tag, again.Headers.ETag);
            Assert.Empty(await again.Content.ReadAsByteArrayAsync(Waiting.Cancellation));
        }

        using var changed = await Ask("\"other\"").WithStatus(HttpStatusCode.OK);
        Assert.Equal(await first.Content.ReadAsStringAsync(Waiting.Cancellation), await changed.Content.ReadAsStringAsync(Waiting.Cancellation));

        Task<HttpResponseMessage> Ask(string known) => Service.Send(HttpMethod.Get, Path, [], null, $"If-None-Match: {known}");
    }
}
