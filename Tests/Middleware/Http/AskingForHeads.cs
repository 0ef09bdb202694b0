using Tests.Middleware.Http.Contract;

namespace Tests.Middleware.Http;

public sealed class AskingForHeads() : OnAService(MiddlewareService.OnKestrel())
{
    // Those of the connection and of the moment; a body's length need not be told (RFC 9110, 9.3.2).
    private static readonly HashSet<string> Varying = new(StringComparer.OrdinalIgnoreCase)
    {
        "Date", "Transfer-Encoding", "Content-Length", "X-Correlation-ID", "Last-Modified",
    };

    [Fact]
    public async Task Every_route_that_answers_GET_answers_HEAD_the_same_without_a_body()
    {
        var id = await Service.AcceptAnswered(400);
        var replay = await Service.Ask(HttpMethod.Post, "/api/v1/replays", HttpStatusCode.Accepted, """{"of":"events","filter":{}}""");
        var key = await Service.Ask(HttpMethod.Post, "/api/v1/keys", HttpStatusCode.Created, """{"name":"a","scopes":["metrics"]}""");
        var erasure = await Service.Ask(HttpMethod.Post, "/api/v1/erasures", HttpStatusCode.Accepted, """{"filter":{"source":"none"}}""");
        var paths = MappedRoute.All(Service.Services).Where(static route => route is { Method: "GET", IsStream: false })
            .Select(route => route.Path
                .Replace("{event_id}", id, StringComparison.Ordinal).Replace("{delivery_id}", $"{id}.default", StringComparison.Ordinal)
                .Replace("{endpoint_id}", "default", StringComparison.Ordinal).Replace("{replay_id}", (string?)replay["id"], StringComparison.Ordinal)
                .Replace("{key_id}", (string?)key["id"], StringComparison.Ordinal)
                .Replace("{erasure_id}", (string?)erasure["id"], StringComparison.Ordinal)
                .Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("/{documentName?}", "", StringComparison.Ordinal))
            .ToList();

        Assert.Superset(new HashSet<string> { "/api/v1/events", "/openapi/v1.json", "/docs", "/metrics", "/health", "/health/ready", "/alive" }, paths.ToHashSet());
        foreach (var path in paths)
        {
            using var got = await Ask(HttpMethod.Get, path);
            using var head = await Ask(HttpMethod.Head, path);

            Assert.True(got.StatusCode == HttpStatusCode.OK && head.StatusCode == got.StatusCode, $"{path}: {got.StatusCode}, {head.StatusCode}");
            Assert.Equal(Headers(got), Headers(head));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Waiting.Cancellation));
        }

        await Ask(HttpMethod.Head, "/api/v1/events/0198c0de000070008000000000000000").HasStatus(HttpStatusCode.NotFound);
        await Ask(HttpMethod.Head, "/integrations/events").HasStatus(HttpStatusCode.MethodNotAllowed);

        async Task<HttpResponseMessage> Ask(HttpMethod method, string path) =>
            await Service.Http.SendAsync(new HttpRequestMessage(method, path), Waiting.Cancellation).InTime();

        static IEnumerable<string> Headers(HttpResponseMessage answer) => answer.Headers.Concat(answer.Content.Headers)
            .Where(static header => !Varying.Contains(header.Key)).Select(static header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal);
    }
}
